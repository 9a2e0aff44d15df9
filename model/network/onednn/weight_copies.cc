#include "model/network/onednn/weight_copies.h"

#include <algorithm>
#include <iterator>

namespace recur {

WeightCopies::WeightCopies(const dnnl::engine& engine,
                           const dnnl::memory::dims& dims)
    : engine_(engine),
      source_(dnnl::memory(
          {dims, dnnl::memory::data_type::f32, dnnl::memory::format_tag::ldigo},
          engine)) {}

void WeightCopies::Set(absl::Span<const float> values) {
  std::copy(values.begin(), values.end(),
            static_cast<float*>(source_->get_data_handle()));
  ++version_;
}

// With a scratchpad of its own, so that it belongs to no thread.
WeightCopies::Copy WeightCopies::MakeCopy(
    const dnnl::memory::desc& layout) const {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::memory memory(layout, engine_);
  const dnnl::reorder::primitive_desc desc(*source_, memory, attr);
  return {memory, dnnl::reorder(desc),
          dnnl::memory(desc.scratchpad_desc(), engine_), 0};
}

const dnnl::memory& WeightCopies::Get(const dnnl::memory::desc& layout,
                                      const dnnl::stream& stream) {
  auto copy = std::find_if(copies_.begin(), copies_.end(), [&](const Copy& c) {
    return c.memory.get_desc() == layout;
  });
  if (copy == copies_.end()) {
    copies_.push_back(MakeCopy(layout));
    copy = std::prev(copies_.end());
  }
  if (copy->version != version_) {
    copy->reorder.execute(stream, {{DNNL_ARG_FROM, *source_},
                                   {DNNL_ARG_TO, copy->memory},
                                   {DNNL_ARG_SCRATCHPAD, copy->scratchpad}});
    copy->version = version_;
  }
  return copy->memory;
}

const dnnl::memory* WeightCopies::Find(const dnnl::memory::desc& layout) const {
  for (const Copy& copy : copies_) {
    if (copy.memory.get_desc() == layout) return &copy.memory;
  }
  return nullptr;
}

void WeightCopies::DropSource() { source_.reset(); }

int64_t WeightCopies::bytes() const {
  int64_t bytes = 0;
  for (const Copy& copy : copies_) bytes += copy.memory.get_desc().get_size();
  return bytes;
}

}  // namespace recur
