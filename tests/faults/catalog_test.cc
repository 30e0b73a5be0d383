// SPDX-License-Identifier: Apache-2.0
#include "faults/catalog.h"

#include <gtest/gtest.h>

#include "faults/defaults.h"

namespace murphy {
namespace {

std::vector<v1::Fault> OneOfEach() {
  std::vector<v1::Fault> faults;
  const auto* kinds = v1::Fault::descriptor()->oneof_decl(0);
  for (int i = 0; i < kinds->field_count(); ++i) {
    v1::Fault fault;
    fault.GetReflection()->MutableMessage(&fault, kinds->field(i));
    faults.push_back(fault);
  }
  return faults;
}

TEST(CatalogTest, MakesEveryFaultFromAnEmptyMessage) {
  for (const v1::Fault& fault : OneOfEach()) {
    const auto made = MakeFault(fault);
    ASSERT_NE(made, nullptr) << FaultName(fault);
    const Draw draw(1, 0, "rule", "address");
    const auto state = made->NewExchangeState();
    const Scope scope{.state = state.get(), .draw = draw, .now = {}};
    EXPECT_TRUE(made->Parameters(scope).starts_with('{')) << FaultName(fault);
  }
}

TEST(CatalogTest, EveryFaultHasMetadata) {
  for (const v1::Fault& fault : OneOfEach()) {
    const v1::FaultInfo& info = InfoOf(fault);
    EXPECT_FALSE(info.summary().empty()) << FaultName(fault);
    EXPECT_NE(info.layer(), v1::LAYER_UNSPECIFIED) << FaultName(fault);
    EXPECT_GT(info.legs_size(), 0) << FaultName(fault);
    EXPECT_EQ(fault.kind_case() / 100, info.layer())
        << FaultName(fault) << " is numbered for another layer";
  }
}

TEST(CatalogTest, AnEmptyMessageIsNoFault) {
  EXPECT_EQ(MakeFault(v1::Fault()), nullptr);
  EXPECT_EQ(FaultName({}), "");
  EXPECT_EQ(InfoOf({}).summary(), "");
}

TEST(DefaultsTest, FillWhatIsAbsentAndKeepWhatIsThere) {
  v1::Fault fault;
  fault.mutable_stall_stream()->mutable_duration()->set_seconds(4);
  FillDefaults(fault);
  EXPECT_EQ(fault.stall_stream().duration().seconds(), 4);
  EXPECT_EQ(fault.stall_stream().position().events(), 1u);
  EXPECT_TRUE(fault.stall_stream().has_keep_alive());
}

TEST(DefaultsTest, ReadEveryType) {
  v1::Fault fault;
  fault.mutable_lose_response();
  FillDefaults(fault);
  EXPECT_EQ(fault.lose_response().how(), v1::LOSS_MODE_RESET);
  EXPECT_EQ(fault.lose_response().code(), 502u);
  EXPECT_FALSE(fault.lose_response().has_duration()) << "'until the agent gives up' is no duration";
  fault.mutable_truncate_body();
  FillDefaults(fault);
  EXPECT_EQ(fault.truncate_body().fraction(), 0.5);
  fault.mutable_duplicate_request();
  FillDefaults(fault);
  EXPECT_TRUE(fault.duplicate_request().has_gap());
}

TEST(DefaultsTest, LeaveAOneofThatIsSetAlone) {
  v1::Fault fault;
  fault.mutable_truncate_body()->set_bytes(0);
  FillDefaults(fault);
  EXPECT_EQ(fault.truncate_body().place_case(), v1::TruncateBodyFault::kBytes);
}

TEST(DefaultsTest, UnspecifiedIsTheSameAsAbsent) {
  v1::Fault fault;
  fault.mutable_cut_stream()->set_how(v1::CUT_MODE_UNSPECIFIED);
  FillDefaults(fault);
  EXPECT_EQ(fault.cut_stream().how(), v1::CUT_MODE_CLEAN);
}

}  // namespace
}  // namespace murphy
