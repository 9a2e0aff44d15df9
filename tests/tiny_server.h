// A whole server on tiny models in the test's process.
#ifndef RECUR_TESTS_TINY_SERVER_H_
#define RECUR_TESTS_TINY_SERVER_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "model/format/model_directory.h"
#include "server/app/server_app.h"
#include "tests/tiny_models.h"

namespace recur {

// Models "tiny" and "upward" (forecast), "trend" (classifies sequences) and
// "mood" (classifies texts), all version 1. Check app() before use.
class TinyServer {
 public:
  TinyServer()
      : directory_(std::filesystem::temp_directory_path() /
                   ("recur-tiny-" + std::to_string(getpid()) + "-" +
                    std::to_string(count_++))) {
    Write("tiny", TinyForecaster());
    Write("trend", TinyTrend());
    Write("mood", TinyMood());
    Write("upward", TinyRise());
    auto app = ServerApp::Create({.models = directory_.string(),
                                  .listen = "127.0.0.1:0",
                                  .http = "127.0.0.1:0",
                                  .lanes = 2,
                                  .model_poll = std::chrono::seconds(0),
                                  .grace = std::chrono::seconds(1)});
    EXPECT_TRUE(app.ok()) << app.status();
    if (!app.ok()) return;
    app_ = std::move(*app);
    const absl::Status started = app_->Start();
    EXPECT_TRUE(started.ok()) << started;
  }

  ~TinyServer() {
    app_.reset();
    std::filesystem::remove_all(directory_);
  }

  ServerApp* app() { return app_.get(); }
  std::string target() const {
    return "127.0.0.1:" + std::to_string(app_->grpc_port());
  }

 private:
  void Write(const char* name, const Model& model) {
    std::filesystem::create_directories(directory_ / name);
    const absl::Status status = WriteModel(model, directory_ / name / "1");
    EXPECT_TRUE(status.ok()) << status;
  }

  static inline int count_ = 0;
  const std::filesystem::path directory_;
  std::unique_ptr<ServerApp> app_;
};

}  // namespace recur

#endif  // RECUR_TESTS_TINY_SERVER_H_
