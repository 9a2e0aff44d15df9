// One weight tensor of a layer in as many layouts as primitives ask for, types
// included. Each is made once; primitives whose layouts agree share a copy.
//
// Find may be called by many threads as long as nobody calls anything else.
// The functions throw dnnl::error.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_WEIGHT_COPIES_H_
#define RECUR_MODEL_NETWORK_ONEDNN_WEIGHT_COPIES_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/types/span.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace recur {

class WeightCopies {
 public:
  // `dims` as WeightDims gives them. Without values until Set is called.
  WeightCopies(const dnnl::engine& engine, const dnnl::memory::dims& dims);

  // Replaces the values, dense in the order of `dims`. Copies are made anew
  // when next asked for.
  void Set(absl::Span<const float> values);

  // The values in this layout. The reference stays valid; its contents change
  // when Get is called again after Set. Not after DropSource.
  const dnnl::memory& Get(const dnnl::memory::desc& layout,
                          const dnnl::stream& stream);

  // The same if Get has made it, else null.
  const dnnl::memory* Find(const dnnl::memory::desc& layout) const;

  // Frees the values as they were given; the copies stay.
  void DropSource();

  // Of the copies.
  int64_t bytes() const;

 private:
  struct Copy {
    dnnl::memory memory;
    dnnl::reorder reorder;
    dnnl::memory scratchpad;
    int64_t version = 0;
  };

  Copy MakeCopy(const dnnl::memory::desc& layout) const;

  dnnl::engine engine_;
  std::optional<dnnl::memory> source_;
  int64_t version_ = 0;
  std::deque<Copy> copies_;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_WEIGHT_COPIES_H_
