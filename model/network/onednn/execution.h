// What the training passes of one network share: oneDNN's engine, a stream and
// one scratchpad. Passes run one after the other, and a scratchpad, as large as
// all else that a pass keeps, says nothing between two of them.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_EXECUTION_H_
#define RECUR_MODEL_NETWORK_ONEDNN_EXECUTION_H_

#include "oneapi/dnnl/dnnl.hpp"

namespace recur {

class Execution {
 public:
  // Throws dnnl::error, as Scratchpad does.
  Execution() : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

  const dnnl::engine& engine() const { return engine_; }
  const dnnl::stream& stream() const { return stream_; }

  // The scratchpad as this primitive wants it, grown if need be; valid until
  // the next call.
  dnnl::memory Scratchpad(const dnnl::memory::desc& desc) {
    if (!scratchpad_ || scratchpad_.get_desc().get_size() < desc.get_size()) {
      scratchpad_ = dnnl::memory();
      scratchpad_ = dnnl::memory(desc, engine_);
    }
    return dnnl::memory(desc, engine_, scratchpad_.get_data_handle());
  }

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::memory scratchpad_;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_EXECUTION_H_
