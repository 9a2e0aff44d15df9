// Empties oneDNN's cache of primitives after each test. ThreadSanitizer's
// allocator gives every generated kernel memory maps of its own, of which a
// process may have 65,530, and these tests make thousands of kernels.
#include "gtest/gtest.h"
#include "oneapi/dnnl/dnnl.h"

namespace recur {
namespace {

class EmptyCacheAfterEachTest : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo&) override {
    int capacity = 0;
    dnnl_get_primitive_cache_capacity(&capacity);
    dnnl_set_primitive_cache_capacity(0);
    dnnl_set_primitive_cache_capacity(capacity);
  }
};

const bool kListening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(
      new EmptyCacheAfterEachTest);
  return true;
}();

TEST(PrimitiveCacheTest, IsEmptiedAfterEachTest) { EXPECT_TRUE(kListening); }

}  // namespace
}  // namespace recur
