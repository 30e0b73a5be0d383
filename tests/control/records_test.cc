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

TEST_F(Records, OfARunThatIsNotThereAreRefused) {
  const std::string quiet = StartRun(CreateExperiment()).run().id();
  ASSERT_TRUE(journal_->Flush().ok());
  const auto ask = [&](const std::string& run) {
    v1::ListExchangesRequest exchanges;
    v1::ListExchangesResponse exchanges_there;
    v1::ListInjectionsRequest injections;
    v1::ListInjectionsResponse injections_there;
    exchanges.set_run(run);
    injections.set_run(run);
    return std::pair(ListExchanges(*journal_, exchanges, &exchanges_there).code(),
                     ListInjections(*journal_, injections, &injections_there).code());
  };
  EXPECT_EQ(ask(quiet), std::pair(absl::StatusCode::kOk, absl::StatusCode::kOk));
  EXPECT_EQ(ask("nope"), std::pair(absl::StatusCode::kNotFound, absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace murphy::control
