// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "tests/dialect/support.h"

namespace murphy {
namespace {

std::string Digest(const message::Request& request) {
  return dialect::Recognise(request, "").Describe(request, "r").digest;
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

TEST(Digest, TakesNumbersForWhatTheyAre) {
  const auto amount = [](std::string number) {
    return Digest(Post("/pay", R"({"amount":)" + number + "}"));
  };
  EXPECT_EQ(amount("42"), amount("42.0"));
  EXPECT_EQ(amount("42"), amount("4.2e1"));
  EXPECT_NE(amount("42"), amount("42.5"));
  EXPECT_NE(amount("9007199254740993"), amount("9007199254740992.0")) << "not the same number";
}

message::Request Typed(std::string type, std::string body) {
  message::Request request = Post("/pay", body);
  request.headers = {{"Content-Type", std::move(type)}};
  return request;
}

TEST(Digest, LeavesOutWhatSendersOfFormsDrawAnew) {
  constexpr char kForm[] = "application/x-www-form-urlencoded";
  EXPECT_EQ(Digest(Typed(kForm, "a=1&b=2")), Digest(Typed(kForm, "b=2&a=1")));
  EXPECT_NE(Digest(Typed(kForm, "a=1&b=2")), Digest(Typed(kForm, "a=2&b=1")));
  const auto parts = [](const std::string& boundary, const std::string& value) {
    return Digest(Typed("multipart/form-data; charset=x; boundary=" + boundary,
                        "--" + boundary + "\r\n\r\n" + value + "\r\n--" + boundary + "--\r\n"));
  };
  EXPECT_EQ(parts("abc123", "v"), parts("def456", "v"));
  EXPECT_NE(parts("abc123", "v"), parts("def456", "w"));
}

TEST(Digest, KnowsABodyThatIsTooLargeByHowItBegins) {
  message::Request first = Post("/pay", "");
  first.body_complete = false;
  first.unread = 7;
  message::Request other = first;
  EXPECT_EQ(Digest(first), Digest(other));
  other.unread = 8;
  EXPECT_NE(Digest(first), Digest(other));
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

using boost::json::value;

// A value of any kind, as a seed makes it.
value AnyValue(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0:
      return random() % 2 == 0;
    case 1:
      return nullptr;
    case 2:
      return static_cast<int64_t>(random() % 20) - 10;
    case 3:
      return static_cast<double>(random() % 20) / 4 + 0.125;
    case 4:
      return value(std::vector<const char*>{"", "a", "\"q\\\n", "é€😀", "id"}[random() % 5]);
    case 5: {
      boost::json::array list;
      for (unsigned i = random() % 4; i > 0; --i) list.push_back(AnyValue(random, depth - 1));
      return list;
    }
    default: {
      boost::json::object object;
      for (unsigned i = random() % 5; i > 0; --i) {
        const std::string key =
            std::vector<const char*>{"id", "_meta", "a", "k\"", "é"}[random() % 5];
        object[key] = AnyValue(random, depth - 1);
      }
      return object;
    }
  }
}

// The same text with every character as an escape.
std::string Escaped(const boost::json::string& text, std::mt19937& random) {
  const std::string plain = boost::json::serialize(text);
  if (random() % 2 == 0) return plain;
  std::string out;
  for (const char c : plain) {
    if (c >= 'a' && c <= 'z' && (out.empty() || out.back() != '\\')) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out;
}

std::string Blanks(std::mt19937& random) {
  return std::vector<const char*>{"", "", " ", "\n\t"}[random() % 4];
}

// One of the many ways to write a value.
std::string Written(const value& json, std::mt19937& random) {
  std::string out = Blanks(random);
  if (const auto* object = json.if_object()) {
    std::vector<std::string> members;
    for (const auto& member : *object) {
      members.push_back(Blanks(random) + Escaped(boost::json::string(member.key()), random) +
                        Blanks(random) + ":" + Written(member.value(), random));
    }
    std::shuffle(members.begin(), members.end(), random);
    out += '{';
    for (size_t i = 0; i < members.size(); ++i) out += (i > 0 ? "," : "") + members[i];
    out += '}';
  } else if (const auto* list = json.if_array()) {
    out += '[';
    for (size_t i = 0; i < list->size(); ++i)
      out += (i > 0 ? "," : "") + Written((*list)[i], random);
    out += ']';
  } else if (const auto* text = json.if_string()) {
    out += Escaped(*text, random);
  } else {
    out += boost::json::serialize(json);
  }
  return out + Blanks(random);
}

// The plain way to say what the digest is of: keys in order, no blanks.
std::string Canonical(const value& json) {
  if (const auto* object = json.if_object()) {
    std::map<std::string, std::string> members;
    for (const auto& member : *object)
      members[std::string(member.key())] = Canonical(member.value());
    std::string out = "{";
    for (const auto& [key, member] : members)
      out += boost::json::serialize(key) + ":" + member + ",";
    return out + "}";
  }
  if (const auto* list = json.if_array()) {
    std::string out = "[";
    for (const value& element : *list) out += Canonical(element) + ",";
    return out + "]";
  }
  return boost::json::serialize(json);
}

TEST(Digest, IsEqualForEqualValuesAndForNoOthers) {
  std::mt19937 random(20261128);
  std::map<std::string, std::string> digests;
  std::set<std::string> seen;
  for (int i = 0; i < 5000; ++i) {
    const value json = AnyValue(random, 4);
    const std::string digest = Digest(Post("/pay", Written(json, random)));
    const auto [known, added] = digests.emplace(Canonical(json), digest);
    EXPECT_EQ(known->second, digest) << Canonical(json);
    EXPECT_EQ(seen.insert(digest).second, added) << Canonical(json);
  }
  EXPECT_GT(digests.size(), 500u);
}

}  // namespace
}  // namespace murphy
