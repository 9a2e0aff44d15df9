#include "server/store/redis_reply.h"

#include <hiredis/read.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace recur {

// Called by hiredis for each part of a reply. Null ends the reading; the whole
// is handed to Free once if it fails, and to Next if it does not.
struct RedisReplyReader::Builder {
  size_t elements = 0;  // in the arrays of the reply that is being read

  // The place of a part: a new whole, or in the array around it.
  static RedisReply* Place(const redisReadTask* task, RedisReply::Kind kind) {
    RedisReply* place =
        task->parent == nullptr
            ? new RedisReply
            : &static_cast<RedisReply*>(task->parent->obj)->elements[task->idx];
    place->kind = kind;
    return place;
  }

  static void* Text(const redisReadTask* task, char* text, size_t size) {
    RedisReply* place =
        Place(task, task->type == REDIS_REPLY_ERROR ? RedisReply::Kind::kError
                                                    : RedisReply::Kind::kText);
    place->text.assign(text, size);
    return place;
  }

  static void* Array(const redisReadTask* task, int size) {
    auto* builder = static_cast<Builder*>(task->privdata);
    if (size < 0 || size > static_cast<int64_t>(kMaxElements)) return nullptr;
    builder->elements += size;
    if (builder->elements > kMaxElements) return nullptr;
    RedisReply* place = Place(task, RedisReply::Kind::kArray);
    place->elements.resize(size);
    return place;
  }

  static void* Integer(const redisReadTask* task,
                       long long value) {  // NOLINT: hiredis's type
    RedisReply* place = Place(task, RedisReply::Kind::kInteger);
    place->integer = value;
    return place;
  }

  static void* Nil(const redisReadTask* task) {
    return Place(task, RedisReply::Kind::kNil);
  }

  static void Free(void* whole) { delete static_cast<RedisReply*>(whole); }
};

namespace {

absl::Status NotAReply(absl::string_view why) {
  return absl::UnavailableError(
      absl::StrCat("what answers does not speak as a Redis does: ", why));
}

}  // namespace

std::string Describe(const RedisReply& reply) {
  switch (reply.kind) {
    case RedisReply::Kind::kNil:
      return "nil";
    case RedisReply::Kind::kInteger:
      return absl::StrCat("the number ", reply.integer);
    case RedisReply::Kind::kText:
      return absl::StrCat("a text of ", reply.text.size(), " bytes");
    case RedisReply::Kind::kError:
      return absl::StrCat("the error ", reply.text.substr(0, 200));
    case RedisReply::Kind::kArray:
      return absl::StrCat("an array of ", reply.elements.size());
  }
  return "";
}

RedisReplyReader::RedisReplyReader()
    : builder_(std::make_unique<Builder>()),
      reader_(
          [] {
            static redisReplyObjectFunctions functions = {
                .createString = &Builder::Text,
                .createArray = &Builder::Array,
                .createInteger = &Builder::Integer,
                .createNil = &Builder::Nil,
                .freeObject = &Builder::Free};
            return redisReaderCreateWithFunctions(&functions);
          }(),
          &redisReaderFree) {
  reader_->privdata = builder_.get();
}

RedisReplyReader::~RedisReplyReader() = default;

absl::Status RedisReplyReader::Feed(absl::string_view bytes) {
  fed_bytes_ += bytes.size();
  if (fed_bytes_ > kMaxBytes) {
    return NotAReply(
        absl::StrCat("a reply is longer than ", kMaxBytes, " bytes"));
  }
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) == 0) {
    return absl::OkStatus();
  }
  return NotAReply(reader_->errstr);
}

absl::StatusOr<std::optional<RedisReply>> RedisReplyReader::Next() {
  void* whole = nullptr;
  if (redisReaderGetReply(reader_.get(), &whole) != 0) {
    if (builder_->elements <= kMaxElements) return NotAReply(reader_->errstr);
    return NotAReply(absl::StrCat("a reply has ", builder_->elements,
                                  " elements; the limit is ", kMaxElements));
  }
  if (whole == nullptr) return std::nullopt;
  const std::unique_ptr<RedisReply> reply(static_cast<RedisReply*>(whole));
  builder_->elements = 0;
  fed_bytes_ = reader_->len - reader_->pos;
  return std::move(*reply);
}

bool RedisReplyReader::empty() const { return reader_->pos == reader_->len; }

}  // namespace recur
