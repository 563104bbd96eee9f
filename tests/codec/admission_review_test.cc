#include "plimsoll/codec/admission_review.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/codec/json_parser.h"

namespace plimsoll {
namespace {

constexpr std::string_view kUid = "705ab4f5-6393-11e8-b7cc-42010a800002";

// A whole review whose request has these members beside uid and kind.
std::string Review(std::string_view members) {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":")" +
         std::string(kUid) + R"(","kind":{"group":"apps","version":"v1","kind":"Deployment"},)" +
         std::string(members) + "}}";
}

TEST(ReadAdmissionReviewTest, ReadsAnUpdate) {
  std::string text = Review(R"("resource":{"group":"apps","version":"v1","resource":"deployments"},
      "name":"web","namespace":"shop","operation":"UPDATE","subResource":"scale",
      "userInfo":{"username":"ana","groups":["dev","system:authenticated"]},
      "object":{"a":2},"oldObject":{"a":1},"dryRun":true,"options":{"kind":"UpdateOptions"})");
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(text);
  ASSERT_TRUE(root.has_value());
  const Result<AdmissionRequest> request = ReadAdmissionReview(*root);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->uid, kUid);
  EXPECT_EQ(request->operation, Operation::kUpdate);
  EXPECT_EQ(request->group, "apps");
  EXPECT_EQ(request->version, "v1");
  EXPECT_EQ(request->kind, "Deployment");
  EXPECT_EQ(request->sub_resource, "scale");
  EXPECT_EQ(request->name, "web");
  EXPECT_EQ(request->namespace_name, "shop");
  EXPECT_EQ(request->username, "ana");
  EXPECT_EQ(ToJson(request->user_groups), R"(["dev","system:authenticated"])");
  EXPECT_TRUE(request->dry_run);
  EXPECT_EQ(ToJson(request->object), R"({"a":2})");
  EXPECT_EQ(ToJson(request->old_object), R"({"a":1})");
}

// "operation object oldObject", or the error.
std::string ReadToText(std::string text) {
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(text);
  if (!root) return root.error().message;
  const Result<AdmissionRequest> request = ReadAdmissionReview(*root);
  if (!request) return request.error().message;
  const auto show = [](JsonView view) { return view.exists() ? ToJson(view) : "-"; };
  return std::string(OperationName(request->operation)) + " " + show(request->object) + " " +
         show(request->old_object);
}

TEST(ReadAdmissionReviewTest, ObjectsFollowTheOperation) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("operation":"CREATE","object":{})", "CREATE {} -"},
      {R"("operation":"CREATE","object":{},"oldObject":null)", "CREATE {} -"},
      {R"("operation":"CREATE","object":{},"oldObject":{"a":1})", "CREATE {} -"},
      {R"("operation":"CREATE")", "request.object: expected an object, got nothing"},
      {R"("operation":"CREATE","object":null)", "request.object: expected an object, got null"},
      {R"("operation":"CREATE","object":[])", "request.object: expected an object, got an array"},
      {R"("operation":"CREATE","object":{},"oldObject":7)",
       "request.oldObject: expected an object or null, got 7"},
      {R"("operation":"UPDATE","object":{},"oldObject":{})", "UPDATE {} {}"},
      {R"("operation":"UPDATE","object":{})", "request.oldObject: expected an object, got nothing"},
      {R"("operation":"UPDATE","object":{},"oldObject":"x")",
       "request.oldObject: expected an object, got \"x\""},
      {R"("operation":"DELETE","object":null,"oldObject":{"a":1})", "DELETE - {\"a\":1}"},
      {R"("operation":"DELETE")", "DELETE - -"},
      {R"("operation":"DELETE","oldObject":[])",
       "request.oldObject: expected an object or null, got an array"},
      {R"("operation":"CONNECT","object":{"stdin":true})", "CONNECT {\"stdin\":true} -"},
      {R"("operation":"CONNECT")", "CONNECT - -"},
  };
  for (const auto& [members, want] : cases) EXPECT_EQ(ReadToText(Review(members)), want) << members;
}

TEST(ReadAdmissionReviewTest, SaysWhichFieldIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "expected an AdmissionReview object, got an array"},
      {"null", "expected an AdmissionReview object, got null"},
      {"{}", "apiVersion: expected \"admission.k8s.io/v1\", got nothing"},
      {R"({"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"})",
       "apiVersion: expected \"admission.k8s.io/v1\", got \"admission.k8s.io/v1beta1\""},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"Review"})",
       "kind: expected \"AdmissionReview\", got \"Review\""},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"})",
       "request: expected an object, got nothing"},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]})",
       "request: expected an object, got an array"},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}})",
       "request.uid: expected the uid of the request, got nothing"},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":""}})",
       "request.uid: expected the uid of the request, got \"\""},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":5}})",
       "request.uid: expected a string, got 5"},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a\nb"}})",
       "request.uid: expected the uid of the request, got \"a b\""},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}})",
       "request.kind: expected an object, got nothing"},
      {R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",
          "request":{"uid":"u","kind":{"version":"v1"}}})",
       "request.kind.kind: expected a kind, got nothing"},
      {Review(R"("operation":"create")"),
       "request.operation: expected CREATE, UPDATE, DELETE or CONNECT, got \"create\""},
      {Review(R"("name":{})"), "request.name: expected a string, got an object"},
      {Review(R"("namespace":1)"), "request.namespace: expected a string, got 1"},
      {Review(R"("subResource":[])"), "request.subResource: expected a string, got an array"},
      {Review(R"("dryRun":"true")"), "request.dryRun: expected a boolean, got \"true\""},
      {Review(R"("userInfo":"ana")"), "request.userInfo: expected an object, got \"ana\""},
      {Review(R"("userInfo":{"username":true})"),
       "request.userInfo.username: expected a string, got true"},
      {Review(R"("userInfo":{"groups":{}})"),
       "request.userInfo.groups: expected an array, got an object"},
      {Review(R"("userInfo":{"groups":["a",1]})"),
       "request.userInfo.groups: expected strings, got 1"},
      {Review(R"("uid":"again")"),
       "duplicate key \"uid\": first at line 1, column 73; write each key once"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(ReadToText(text), want) << text;
}

TEST(ReviewUidTest, IsTheUidOfWhateverCanBeRead) {
  const auto uid = [](std::string text) {
    JsonParser parser;
    return std::string(ReviewUid(*parser.Parse(text)));
  };
  EXPECT_EQ(uid(R"({"request":{"uid":"abc-1"}})"), "abc-1");
  EXPECT_EQ(uid(R"({"request":{"uid":"a b"}})"), "");
  EXPECT_EQ(uid(R"({"request":{"uid":7}})"), "");
  EXPECT_EQ(uid(R"({"request":[]})"), "");
  EXPECT_EQ(uid(R"([])"), "");
  EXPECT_EQ(uid(R"({"request":{"uid":")" + std::string(129, 'a') + "\"}}"), "");
  EXPECT_EQ(ReviewUid(JsonView()), "");
}

std::string Write(const AdmissionResponse& response) {
  std::string out;
  WriteAdmissionReview(response, out);
  return out;
}

TEST(WriteAdmissionReviewTest, Allowed) {
  AdmissionResponse response;
  response.uid = kUid;
  EXPECT_EQ(Write(response),
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":")" +
                std::string(kUid) + R"(","allowed":true}})");
}

TEST(WriteAdmissionReviewTest, AllowedWithWarningsAndAnnotationsHasNoStatus) {
  AdmissionResponse response;
  response.uid = "u";
  response.code = 422;
  response.message = "never seen";
  response.warnings = {"one", "two \"quoted\""};
  response.audit_annotations = {{"verdict", "warn"}, {"findings", "3"}};
  EXPECT_EQ(Write(response),
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u",)"
            R"("allowed":true,"auditAnnotations":{"verdict":"warn","findings":"3"},)"
            R"("warnings":["one","two \"quoted\""]}})");
}

TEST(WriteAdmissionReviewTest, DeniedCarriesTheStatusThatKubectlPrints) {
  AdmissionResponse response;
  response.uid = "u";
  response.allowed = false;
  response.code = 422;
  response.reason = "Invalid";
  response.message = "not ready\nfor production";
  response.details_group = "apps";
  response.details_kind = "Deployment";
  response.details_name = "web";
  response.causes = {{"spec.replicas", "at least 2"}, {"", "no field"}};
  EXPECT_EQ(
      Write(response),
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u",)"
      R"("allowed":false,"status":{"status":"Failure","message":"not ready\nfor production",)"
      R"("reason":"Invalid","details":{"name":"web","group":"apps","kind":"Deployment","causes":[)"
      R"({"reason":"FieldValueInvalid","message":"at least 2","field":"spec.replicas"},)"
      R"({"reason":"FieldValueInvalid","message":"no field"}]},"code":422}}})");
}

TEST(WriteAdmissionReviewTest, WhateverTheTextTheAnswerIsValidJson) {
  AdmissionResponse response;
  response.uid = "u";
  response.allowed = false;
  response.message = std::string("\xFFtab\there\x00\x1f \xE2\x82 \xF0\x9F\x98\x80", 19);
  response.warnings = {"\xC0\xAF"};
  response.audit_annotations = {{"k\"", "v\xED\xA0\x80"}};
  std::string text = Write(response);
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(text);
  ASSERT_TRUE(root.has_value()) << root.error().message;
  const JsonView answer = (*root)["response"];
  EXPECT_EQ(answer["status"]["message"].text(),
            std::string_view("\uFFFDtab\there\x00\x1f \uFFFD\uFFFD \U0001F600", 25));
  EXPECT_EQ(answer["warnings"].At(0).text(), "\uFFFD\uFFFD");
  EXPECT_EQ(answer["auditAnnotations"]["k\""].text(), "v\uFFFD\uFFFD\uFFFD");
}

TEST(WriteAdmissionReviewTest, AppendsToWhatIsThere) {
  std::string out = "HTTP head";
  WriteAdmissionReview(AdmissionResponse(), out);
  EXPECT_EQ(out.rfind("HTTP head{\"apiVersion\"", 0), 0U);
}

}  // namespace
}  // namespace plimsoll
