#include "server/store/tls_stream.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr size_t kReceiveBytes = 16 * 1024;

// What OpenSSL has to say about what has just failed.
absl::Status TlsError(absl::string_view doing) {
  const unsigned long code = ERR_get_error();  // NOLINT: OpenSSL's type
  ERR_clear_error();
  char words[256] = "the connection was closed";
  if (code != 0) ERR_error_string_n(code, words, sizeof(words));
  return absl::UnavailableError(absl::StrCat("TLS: ", doing, ": ", words));
}

bool IsAddress(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

// Encrypted bytes go through memory, so that the socket's waits are bounded
// and a closed one raises no signal.
struct TlsStream::Session {
  ~Session() {
    SSL_free(tls);  // and what it reads and writes
    SSL_CTX_free(context);
  }

  absl::Status Prepare(const std::string& host, const std::string& ca_file) {
    context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr) return TlsError("preparing");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const int trusted =
        ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                        : SSL_CTX_load_verify_file(context, ca_file.c_str());
    if (trusted != 1) {
      return TlsError(absl::StrCat("reading certificates ", ca_file));
    }
    tls = SSL_new(context);
    if (tls == nullptr) return TlsError("preparing");
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    SSL_set_bio(tls, in, out);
    SSL_set_connect_state(tls);
    const int named =
        IsAddress(host)
            ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str())
            : SSL_set1_host(tls, host.c_str()) &&
                  SSL_set_tlsext_host_name(tls, host.c_str());
    return named == 1 ? absl::OkStatus() : TlsError("naming the host");
  }

  SSL_CTX* context = nullptr;
  SSL* tls = nullptr;
  BIO* in = nullptr;
  BIO* out = nullptr;
};

TlsStream::TlsStream(TcpSocket* socket, std::unique_ptr<Session> session)
    : socket_(socket), session_(std::move(session)) {}

TlsStream::~TlsStream() = default;

absl::StatusOr<std::unique_ptr<TlsStream>> TlsStream::Begin(
    TcpSocket* socket, const std::string& host, const std::string& ca_file,
    Deadline deadline) {
  ERR_clear_error();
  auto session = std::make_unique<Session>();
  if (absl::Status made = session->Prepare(host, ca_file); !made.ok()) {
    return made;
  }
  std::unique_ptr<TlsStream> stream(new TlsStream(socket, std::move(session)));
  if (absl::Status done = stream->ShakeHands(deadline); !done.ok()) return done;
  return stream;
}

absl::Status TlsStream::ShakeHands(Deadline deadline) {
  for (;;) {
    const int result = SSL_do_handshake(session_->tls);
    const int reason = SSL_get_error(session_->tls, result);
    absl::Status moved = SendEncrypted(deadline);
    if (result == 1 || !moved.ok()) return moved;
    if (reason != SSL_ERROR_WANT_READ) {
      const long verdict =  // NOLINT: OpenSSL's type
          SSL_get_verify_result(session_->tls);
      if (verdict == X509_V_OK) return TlsError("shaking hands");
      return TlsError(absl::StrCat("the certificate is refused: ",
                                   X509_verify_cert_error_string(verdict)));
    }
    moved = ReceiveEncrypted(deadline);
    if (!moved.ok()) return moved;
  }
}

absl::Status TlsStream::Send(absl::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    size_t written = 0;
    if (SSL_write_ex(session_->tls, bytes.data(), bytes.size(), &written) !=
        1) {
      return TlsError("sending");
    }
    bytes.remove_prefix(written);
    if (absl::Status sent = SendEncrypted(deadline); !sent.ok()) return sent;
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> TlsStream::Receive(char* bytes, size_t size,
                                          Deadline deadline) {
  for (;;) {
    size_t received = 0;
    if (SSL_read_ex(session_->tls, bytes, size, &received) == 1) {
      return received;
    }
    if (SSL_get_error(session_->tls, 0) != SSL_ERROR_WANT_READ) {
      return TlsError("receiving");
    }
    if (absl::Status sent = SendEncrypted(deadline); !sent.ok()) return sent;
    if (absl::Status got = ReceiveEncrypted(deadline); !got.ok()) return got;
  }
}

absl::Status TlsStream::SendEncrypted(Deadline deadline) {
  char* bytes = nullptr;
  const long size =  // NOLINT: OpenSSL's type
      BIO_get_mem_data(session_->out, &bytes);
  if (size <= 0) return absl::OkStatus();
  absl::Status sent =
      socket_->Send({bytes, static_cast<size_t>(size)}, deadline);
  BIO_reset(session_->out);
  return sent;
}

absl::Status TlsStream::ReceiveEncrypted(Deadline deadline) {
  char bytes[kReceiveBytes];
  const absl::StatusOr<size_t> size =
      socket_->Receive(bytes, sizeof(bytes), deadline);
  if (!size.ok()) return size.status();
  BIO_write(session_->in, bytes, static_cast<int>(*size));
  return absl::OkStatus();
}

}  // namespace recur
