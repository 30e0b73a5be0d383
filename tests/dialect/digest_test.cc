// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/digest.h"

#include <gtest/gtest.h>

#include "tests/dialect/support.h"

namespace murphy {
namespace {

std::string Digest(const message::Request& request) {
  return dialect::Recognise(request, "").Describe(request, "r").digest;
}

TEST(Digest, IsSha256) {
  EXPECT_EQ(dialect::Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, IgnoresKeyOrderSpacesAndHeaders) {
  auto first = Post("/pay", R"({"a":1,"b":{"c":[1,2],"d":"x"}})");
  auto second = Post("/pay", "{ \"b\": {\"d\":\"\\u0078\",\"c\":[1, 2]},\n \"a\": 1 }");
  second.headers.push_back({"x-stainless-retry-count", "1"});
  EXPECT_EQ(Digest(first), Digest(second));
}

TEST(Digest, TellsValuesOrderOfListsMethodPathAndQueryApart) {
  const auto base = Post("/pay", R"({"a":[1,2],"id":7})");
  auto method = base, path = base, query = base;
  method.method = "PUT";
  path.path = "/refund";
  query.query = "dry=1";
  const std::string digest = Digest(base);
  EXPECT_NE(digest, Digest(method));
  EXPECT_NE(digest, Digest(path));
  EXPECT_NE(digest, Digest(query));
  EXPECT_NE(digest, Digest(Post("/pay", R"({"a":[2,1],"id":7})")));
  // Only a JSON-RPC id is volatile.
  EXPECT_NE(digest, Digest(Post("/pay", R"({"a":[1,2],"id":8})")));
}

TEST(Digest, LeavesJsonRpcIdAndMetaOut) {
  const auto call = [](std::string_view id, std::string_view token, std::string_view argument) {
    return Digest(Post(
        "/mcp",
        Replaced(
            Replaced(
                Replaced(
                    R"({"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"name":"pay","arguments":{"id":ARG},"_meta":{"progressToken":TOK}}})",
                    "ID", id),
                "TOK", token),
            "ARG", argument)));
  };
  EXPECT_EQ(call("1", "1", "5"), call("\"x\"", "9", "5"));
  EXPECT_NE(call("1", "1", "5"), call("1", "1", "6"));
}

TEST(Digest, LeavesIdsOfABatchOut) {
  EXPECT_EQ(Digest(Post("/mcp", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])")),
            Digest(Post("/mcp", R"([{"jsonrpc":"2.0","id":2,"method":"ping"}])")));
}

TEST(Digest, TakesInvalidJsonAsBytes) {
  EXPECT_EQ(Digest(Post("/x", "{oops")), Digest(Post("/x", "{oops")));
  EXPECT_NE(Digest(Post("/x", "{oops")), Digest(Post("/x", "{ oops")));
}

}  // namespace
}  // namespace murphy
