// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/records.h"

#include <gtest/gtest.h>

#include "tests/support/living_world.h"

namespace murphy::control {
namespace {

using Records = test::LivingWorld;

TEST_F(Records, PageThroughExchanges) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  for (int i = 0; i < 5; ++i) Exchange(run);
  ASSERT_TRUE(journal_->Flush().ok());
  v1::ListExchangesRequest request;
  request.set_run(run);
  request.set_page_size(3);
  v1::ListExchangesResponse response;
  ASSERT_TRUE(ListExchanges(*journal_, request, &response).ok());
  EXPECT_EQ(response.exchanges_size(), 3);
  request.set_page_token(response.next_page_token());
  response.Clear();
  ASSERT_TRUE(ListExchanges(*journal_, request, &response).ok());
  EXPECT_EQ(response.exchanges_size(), 2);
  EXPECT_EQ(response.next_page_token(), "");
  request.set_page_token("99999999999999999999999");
  EXPECT_EQ(ListExchanges(*journal_, request, &response).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace murphy::control
