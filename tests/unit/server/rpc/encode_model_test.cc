#include "server/rpc/encode_model.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "model/network/reference/reference_engine.h"
#include "tests/unit/server/repository/small_model.h"

namespace recur {
namespace {

Servable SmallServable() {
  const Model model = SmallModel(1);
  auto engine = CreateReferenceEngine(model.spec.network, model.weights);
  return *MakeServable(model.spec, {}, *engine);
}

v1::Model Encoded(Servable servable) {
  v1::Model model;
  EncodeModel(
      {.name = "m",
       .version = 1,
       .state = ModelState::kReady,
       .servable = std::make_shared<const Servable>(std::move(servable))},
      &model);
  return model;
}

TEST(EncodeModelTest, TellsWhatTheCategoriesOfAnInputAreCalled) {
  Servable servable = SmallServable();
  EXPECT_EQ(Encoded(servable).inputs(0).categories_size(), 0);
  servable.spec.features.columns[0].categories = 2;
  servable.spec.features.columns[0].category_names = {"north", "south"};
  const v1::Model model = Encoded(std::move(servable));
  ASSERT_EQ(model.inputs(0).categories_size(), 2);
  EXPECT_EQ(model.inputs(0).categories(1), "south");
}

TEST(EncodeModelTest, F32HasNoDifferenceToItself) {
  const v1::Model model = Encoded(SmallServable());
  EXPECT_EQ(model.precision(), "f32");
  EXPECT_FALSE(model.has_difference_to_f32());
  EXPECT_EQ(model.precision_note(), "");
}

TEST(EncodeModelTest, AnotherPrecisionComesWithItsDifferenceToF32) {
  Servable servable = SmallServable();
  servable.precision = Precision::kBf16;
  servable.difference_to_f32 = 0.0;
  const v1::Model model = Encoded(std::move(servable));
  EXPECT_EQ(model.precision(), "bf16");
  EXPECT_TRUE(model.has_difference_to_f32());
  EXPECT_EQ(model.difference_to_f32(), 0.0);
}

TEST(EncodeModelTest, SaysWhyAPrecisionIsNotTheOneAskedFor) {
  Servable servable = SmallServable();
  servable.precision_note = "no bf16 here \xff; it is served in f32";
  EXPECT_EQ(Encoded(std::move(servable)).precision_note().substr(0, 12),
            "no bf16 here");
}

}  // namespace
}  // namespace recur
