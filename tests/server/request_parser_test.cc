#include "server/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/response_writer.h"
#include "server/router.h"
#include "tests/server/feed.h"

namespace plimsoll {
namespace {

using testing::kMaxHeader;
using testing::Parse;
using testing::Parsed;

struct Case {
  const char* name;
  std::string bytes;
  std::string outcome;
  std::string body;
};

const std::string kPost = "POST /validate HTTP/1.1\r\nHost: h\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";

std::vector<Case> Cases() {
  return {
      {"plain", kPost + "Content-Length: 5\r\n\r\nhello", "ok", "hello"},
      {"no body", kPost + "\r\n", "ok", ""},
      {"zero length", kPost + "Content-Length: 0\r\n\r\n", "ok", ""},
      {"chunked", kChunked + "5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n", "ok", "hello!"},
      {"chunked and nothing in it", kChunked + "0\r\n\r\n", "ok", ""},
      {"chunked and nothing in it, incomplete", kChunked + "0\r\n\r", "incomplete", ""},
      {"a last chunk of zeros", kChunked + "000\r\n\r\n", "ok", ""},
      {"trailers without a chunk", kChunked + "0\r\nX-A: b\r\n\r\n", "ok", ""},
      {"trailers are ignored", kChunked + "1\r\nx\r\n0\r\nX-A: b\r\nContent-Encoding: gzip\r\n\r\n",
       "ok", "x"},
      {"longest body", kPost + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x'), "ok",
       std::string(1000, 'x')},
      {"incomplete", kPost + "Content-Length: 5\r\n\r\nhell", "incomplete", "hell"},
      {"chunked body beyond the limit", kChunked + "3e9\r\nx", "413 too_large", ""},
      {"chunks beyond the limit together",
       kChunked + "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\ny\r\n", "413 too_large",
       std::string(1000, 'x')},
      {"a chunk of 2^64-1", kChunked + "ffffffffffffffff\r\n", "413 too_large", ""},
      {"a chunk of 2^64", kChunked + "10000000000000000\r\n", "400 bad_request", ""},
      {"a negative chunk", kChunked + "-2\r\n", "400 bad_request", ""},
      {"a chunk of 0x5", kChunked + "0x5\r\nhello\r\n\r\n", "400 bad_request", ""},
      {"a chunk without its CRLF", kChunked + "1\r\nxy\r\n0\r\n\r\n", "400 bad_request", "x"},
      // Request smuggling: what two readers could read in two ways.
      {"two lengths", kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "400 bad_request",
       ""},
      {"two equal lengths", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
       "400 bad_request", ""},
      {"a list of lengths", kPost + "Content-Length: 5, 6\r\n\r\n", "400 bad_request", ""},
      {"a signed length", kPost + "Content-Length: +5\r\n\r\nhello", "400 bad_request", ""},
      {"a negative length", kPost + "Content-Length: -1\r\n\r\n", "400 bad_request", ""},
      {"a length with letters", kPost + "Content-Length: 2abc\r\n\r\nhe", "400 bad_request", ""},
      {"a hexadecimal length", kPost + "Content-Length: 0x5\r\n\r\nhello", "400 bad_request", ""},
      {"an empty length", kPost + "Content-Length:\r\n\r\n", "400 bad_request", ""},
      {"a length of 2^64", kPost + "Content-Length: 18446744073709551616\r\n\r\n",
       "400 bad_request", ""},
      {"length and chunked",
       kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "400 bad_request", ""},
      {"chunked and length",
       kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
       "400 bad_request", ""},
      {"chunked twice", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 bad_request", ""},
      {"unknown coding", kPost + "Transfer-Encoding: xchunked\r\n\r\n", "501 transfer_encoding",
       ""},
      {"gzip, chunked", kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n", "501 transfer_encoding",
       ""},
      {"chunked, identity", kPost + "Transfer-Encoding: chunked, identity\r\n\r\n",
       "501 transfer_encoding", ""},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 bad_request", ""},
      {"space before the colon", kPost + "Content-Length : 5\r\n\r\nhello", "400 bad_request", ""},
      {"line feeds alone", "POST / HTTP/1.1\nHost: h\n\n", "400 bad_request", ""},
      {"one line feed alone", "POST / HTTP/1.1\r\nHost: h\nContent-Length: 5\r\n\r\nhello",
       "400 bad_request", ""},
      {"line feeds in the body are the body's", kPost + "Content-Length: 2\r\n\r\n\n\n", "ok",
       "\n\n"},
      {"a NUL in a header", kPost + std::string("X-A: a\0b\r\n\r\n", 12), "400 bad_request", ""},
      {"a carriage return in a header", kPost + "X-A: a\rb\r\n\r\n", "400 bad_request", ""},
      {"gzip", kPost + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
       "415 content_encoding", ""},
      {"identity", kPost + "Content-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}", "ok", "{}"},
      {"no host", "POST / HTTP/1.1\r\n\r\n", "400 bad_request", ""},
      {"two hosts", kPost + "Host: i\r\n\r\n", "400 bad_request", ""},
      {"two content types", kPost + "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n",
       "400 bad_request", ""},
      {"HTTP/1.0 needs no host", "GET / HTTP/1.0\r\n\r\n", "ok", ""},
      {"another expectation", kPost + "Expect: 200-ok\r\n\r\n", "417 expectation", ""},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 bad_version", ""},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", "505 bad_version", ""},
      {"HTTP/0.9", "GET /\r\n\r\n", "400 bad_request", ""},
      {"a TLS ClientHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
       "400 bad_request", ""},
      {"a long header", kPost + "X-A: " + std::string(kMaxHeader, 'a') + "\r\n\r\n",
       "431 headers_too_large", ""},
      {"an endless line", "GET /" + std::string(kMaxHeader, 'a'), "431 headers_too_large", ""},
  };
}

TEST(RequestParser, ReadsOrRefusesTheSameHoweverTheBytesArrive) {
  for (const Case& test : Cases()) {
    for (const size_t piece :
         {size_t{1}, size_t{2}, size_t{3}, size_t{4}, size_t{7}, size_t{1000000}}) {
      const Parsed parsed = Parse(test.bytes, piece);
      EXPECT_EQ(parsed.outcome, test.outcome) << test.name << " in pieces of " << piece;
      EXPECT_EQ(parsed.body, test.body) << test.name << " in pieces of " << piece;
    }
  }
}

TEST(RequestParser, ManyHeadersAreTooLargeTogether) {
  std::string bytes = kPost;
  for (int i = 0; i < 300000; ++i) bytes += "X: y\r\n";
  for (const size_t piece : {size_t{100}, size_t{17 * 1024}}) {
    EXPECT_EQ(Parse(bytes + "\r\n", piece).outcome, "431 headers_too_large");
  }
}

TEST(RequestParser, HeadersAtTheLimitAreRead) {
  std::string bytes = kPost + "X: ";
  bytes += std::string(kMaxHeader - bytes.size() - 4, 'a') + "\r\n\r\n";
  ASSERT_EQ(bytes.size(), kMaxHeader);
  EXPECT_EQ(Parse(bytes, 1000).outcome, "ok");
  bytes.insert(kPost.size(), "Y: \r\n");
  EXPECT_EQ(Parse(bytes, 1000).outcome, "431 headers_too_large");
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  const Parsed first = Parse(kPost + "Content-Length: 1\r\n\r\nxGET / HTTP/1.1\r\n", 1000);
  EXPECT_EQ(first.body, "x");
  EXPECT_EQ(first.rest, "GET / HTTP/1.1\r\n");
}

TEST(RequestParser, KeepsAliveAsTheVersionSays) {
  EXPECT_TRUE(Parse(kPost + "\r\n", 1000).keep_alive);
  EXPECT_FALSE(Parse(kPost + "Connection: close\r\n\r\n", 1000).keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n", 1000).keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 1000).keep_alive);
}

TEST(RequestHead, PathIsWithoutQueryAndHost) {
  const struct {
    const char* target;
    const char* path;
  } cases[] = {{"/validate", "/validate"},
               {"/validate?timeout=10s", "/validate"},
               {"https://h:443/validate?x=/", "/validate"},
               {"HTTP://h", "/"},
               {"http://h?x", "/"},
               {"?x", "/"},
               {"*", "*"}};
  for (const auto& test : cases) {
    RequestHead head;
    head.target = test.target;
    EXPECT_EQ(head.path(), test.path) << test.target;
  }
}

TEST(Router, RefusesInTheRightOrder) {
  const Router router({{.path = "/validate",
                        .methods = {HttpMethod::kPost},
                        .make_handler = {},
                        .content_type = kJsonMediaType,
                        .max_body_bytes = 10},
                       GetRoute("/healthz", [](HttpResponse&) {})});
  const struct {
    RequestHead head;
    int status;
    const char* text;
    const char* allow;
  } cases[] = {
      {{HttpMethod::kPost, "/", "", {}, false, true},
       404,
       "no such path; served here: POST /validate; GET, HEAD /healthz",
       ""},
      {{HttpMethod::kPost, "/validate/", "", {}, false, true}, 404, "", ""},
      {{HttpMethod::kGet, "/validate", "", {}, false, true},
       405,
       "/validate is served for POST only",
       "POST"},
      {{HttpMethod::kOther, "/healthz", "", {}, false, true},
       405,
       "/healthz is served for GET, HEAD only",
       "GET, HEAD"},
      {{HttpMethod::kPost, "/validate", "", 11, false, true},
       415,
       "expected Content-Type: application/json",
       ""},
      {{HttpMethod::kPost, "/validate", "application/jsonp", 1, false, true}, 415, "", ""},
      {{HttpMethod::kPost, "/validate", "application/json", 11, false, true},
       413,
       "request body of 11 bytes is larger than the limit of 10 bytes",
       ""},
      {{HttpMethod::kPost, "/validate", "Application/JSON ; charset=utf-8", 10, false, true},
       0,
       "",
       ""},
      {{HttpMethod::kHead, "/healthz", "", {}, false, true}, 0, "", ""},
      {{HttpMethod::kGet, "/healthz", "", 1, false, true}, 413, "", ""},
  };
  for (const auto& test : cases) {
    size_t route = 99;
    const auto refusal = router.Choose(test.head, route);
    ASSERT_EQ(refusal ? refusal->status : 0, test.status) << test.head.target;
    if (!refusal) continue;
    EXPECT_EQ(refusal->allow, test.allow);
    if (*test.text != '\0') {
      EXPECT_EQ(refusal->text, test.text);
    }
  }
}

TEST(ResponseWriter, WritesWhatIsNeededAndNoMore) {
  HttpResponse response;
  response.body = "hello";
  std::string out;
  AppendResponse(response, {}, out);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
            "5\r\n\r\nhello");
  out.clear();
  AppendRefusal({405, "method", "GET only", 1, "GET, HEAD"}, true, out);
  EXPECT_EQ(out,
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 9\r\nAllow: GET, HEAD\r\nRetry-After: 1\r\nConnection: "
            "close\r\n\r\n");
}

}  // namespace
}  // namespace plimsoll
