// Files whose write ahead logs fail when told to.
#ifndef RECUR_TESTS_UNIT_SERVER_STORE_FAULTY_FILES_H_
#define RECUR_TESTS_UNIT_SERVER_STORE_FAULTY_FILES_H_

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace recur {

struct Faults {
  std::atomic<bool> disk_full = false;   // writes are cut short and fail
  std::atomic<bool> sync_fails = false;  // of a log
};

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, bool is_log,
             Faults* faults)
      : FSWritableFileOwnerWrapper(std::move(file)),
        is_log_(is_log),
        faults_(faults) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data,
                           const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    if (faults_->disk_full) return Cut(data, options, context);
    return FSWritableFileOwnerWrapper::Append(data, options, context);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data,
                           const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& info,
                           rocksdb::IODebugContext* context) override {
    if (faults_->disk_full) return Cut(data, options, context);
    return FSWritableFileOwnerWrapper::Append(data, options, info, context);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* context) override {
    if (is_log_ && faults_->sync_fails) {
      return rocksdb::IOStatus::IOError("Input/output error");
    }
    return FSWritableFileOwnerWrapper::Sync(options, context);
  }

 private:
  // As the real files do it: half of the bytes get there.
  rocksdb::IOStatus Cut(const rocksdb::Slice& data,
                        const rocksdb::IOOptions& options,
                        rocksdb::IODebugContext* context) {
    const rocksdb::Slice half(data.data(), data.size() / 2);
    FSWritableFileOwnerWrapper::Append(half, options, context)
        .PermitUncheckedError();
    rocksdb::IOStatus full =
        rocksdb::IOStatus::NoSpace("No space left on device");
    full.SetRetryable(true);
    return full;
  }

  const bool is_log_;
  Faults* const faults_;
};

class FaultyFiles : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFiles(Faults* faults)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "FaultyFiles"; }

  rocksdb::IOStatus NewWritableFile(
      const std::string& path, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus made =
        FileSystemWrapper::NewWritableFile(path, options, file, context);
    if (!made.ok()) return made;
    const bool is_log = path.ends_with(".log");
    *file = std::make_unique<FaultyFile>(std::move(*file), is_log, faults_);
    return made;
  }

  rocksdb::IOStatus GetFreeSpace(const std::string& path,
                                 const rocksdb::IOOptions& options,
                                 uint64_t* free,
                                 rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus got =
        FileSystemWrapper::GetFreeSpace(path, options, free, context);
    if (faults_->disk_full) *free = 0;
    return got;
  }

 private:
  Faults* const faults_;
};

// A machine with such files. The faults must outlive it.
inline std::unique_ptr<rocksdb::Env> FaultyEnv(Faults* faults) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultyFiles>(faults));
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_STORE_FAULTY_FILES_H_
