// SPDX-License-Identifier: Apache-2.0
#include "daemon/state_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace murphy {
namespace {

class StateDirectories : public testing::Test {
 protected:
  StateDirectories() {
    std::string pattern = testing::TempDir() + "murphy-state-XXXXXX";
    parent_ = mkdtemp(pattern.data());
    path_ = parent_ + "/deep/state";
  }
  ~StateDirectories() override { std::filesystem::remove_all(parent_); }

  static unsigned ModeOf(const std::string& path) {
    struct stat status;
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }

  std::string parent_;
  std::string path_;
};

TEST_F(StateDirectories, AreCreatedForTheirUserAlone) {
  const auto directory = StateDirectory::Open(path_);
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_EQ(ModeOf(path_), 0700u);
  EXPECT_EQ(ModeOf(path_ + "/lock"), 0600u);
}

TEST_F(StateDirectories, AreClosedToOthersWhenTheyWereOpen) {
  std::filesystem::create_directories(path_);
  chmod(path_.c_str(), 0755);
  ASSERT_TRUE(StateDirectory::Open(path_).ok());
  EXPECT_EQ(ModeOf(path_), 0700u);
}

TEST_F(StateDirectories, ServeOneDaemonAndNameIt) {
  {
    const auto first = StateDirectory::Open(path_);
    ASSERT_TRUE(first.ok());
    const auto second = StateDirectory::Open(path_);
    ASSERT_FALSE(second.ok());
    const std::string why(second.status().message());
    EXPECT_NE(why.find(path_), std::string::npos) << why;
    EXPECT_NE(why.find("process " + std::to_string(getpid())), std::string::npos) << why;
  }
  EXPECT_TRUE(StateDirectory::Open(path_).ok());
}

TEST_F(StateDirectories, ReplaceFilesAtOnce) {
  const auto directory = StateDirectory::Open(path_);
  ASSERT_TRUE(directory->Write("token", "one").ok());
  std::ifstream before(path_ + "/token");
  ASSERT_TRUE(directory->Write("token", "two").ok());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(before), {}), "one");
  std::ifstream after(path_ + "/token");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(after), {}), "two");
  EXPECT_EQ(ModeOf(path_ + "/token"), 0600u);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/token.new"));
}

TEST_F(StateDirectories, AreNoFiles) {
  std::filesystem::create_directories(parent_ + "/deep");
  std::ofstream(path_) << "x";
  EXPECT_FALSE(StateDirectory::Open(path_).ok());
}

TEST(DefaultStateDirectory, FollowsTheEnvironment) {
  setenv("HOME", "/home/x", 1);
  unsetenv("MURPHY_STATE_DIR");
  unsetenv("XDG_STATE_HOME");
  EXPECT_EQ(DefaultStateDirectory(), "/home/x/.local/state/murphy");
  setenv("XDG_STATE_HOME", "/xdg", 1);
  EXPECT_EQ(DefaultStateDirectory(), "/xdg/murphy");
  setenv("MURPHY_STATE_DIR", "/own", 1);
  EXPECT_EQ(DefaultStateDirectory(), "/own");
  unsetenv("MURPHY_STATE_DIR");
  unsetenv("XDG_STATE_HOME");
}

}  // namespace
}  // namespace murphy
