#include "server/observe/process_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/unit/server/repository/small_model.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         1e-6 * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

TEST(ProcessReadingTest, AgreesWithWhatElseTheSystemSays) {
  const auto reading = ReadProcess();
  ASSERT_TRUE(reading.ok()) << reading.status();
  EXPECT_NEAR(reading->cpu_seconds, CpuSeconds(), 0.5);
  const double now = std::chrono::duration<double>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  EXPECT_LT(reading->start_time_seconds, now + 2);
  EXPECT_GT(reading->start_time_seconds, now - 600);
  EXPECT_GT(reading->resident_memory_bytes, 1e6);
  EXPECT_GT(reading->virtual_memory_bytes, reading->resident_memory_bytes);
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur != RLIM_INFINITY) {
    EXPECT_EQ(reading->max_fds, static_cast<double>(limit.rlim_cur));
  }
}

TEST(ProcessReadingTest, CountsOpenFilesAndThreads) {
  const auto before = ReadProcess();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(ReadProcess()->open_fds, before->open_fds + 2);
  close(ends[0]);
  close(ends[1]);
  EXPECT_EQ(ReadProcess()->open_fds, before->open_fds);
  double one = 0;
  double two = 0;
  std::thread([&] {
    one = ReadProcess()->threads;
    std::thread([&] { two = ReadProcess()->threads; }).join();
  }).join();
  EXPECT_EQ(two, one + 1);
}

TEST(ProcessReadingTest, ANameMayHoldParenthesesAndSpaces) {
  TemporaryDirectory proc;
  fs::create_directories(proc.path() / "self" / "fd");
  WriteText(proc.path() / "stat", "cpu 1 2 3\nbtime 1000\nprocesses 9\n");
  WriteText(proc.path() / "self" / "fd" / "0", "");
  WriteText(proc.path() / "self" / "stat",
            "42 (a) R 9 (b) S 4 5 6 7 8 9 10 11 12 13 200 300 16 17 18 19 7 21 "
            "500 8192 3 25\n");
  const auto reading = ReadProcess(proc.path());
  ASSERT_TRUE(reading.ok()) << reading.status();
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_EQ(reading->cpu_seconds, 500 / ticks);
  EXPECT_EQ(reading->threads, 7);
  EXPECT_EQ(reading->start_time_seconds, 1000 + 500 / ticks);
  EXPECT_EQ(reading->virtual_memory_bytes, 8192);
  EXPECT_EQ(reading->resident_memory_bytes, 3.0 * sysconf(_SC_PAGESIZE));
}

TEST(ProcessReadingTest, NamesTheFileItCannotUse) {
  TemporaryDirectory proc;
  EXPECT_THAT(std::string(ReadProcess(proc.path()).status().message()),
              ::testing::EndsWith("self/stat"));
}

}  // namespace
}  // namespace recur
