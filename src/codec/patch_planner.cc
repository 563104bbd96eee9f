#include "codec/patch_planner.h"

#include <algorithm>
#include <utility>

#include "codec/patch_check.h"
#include "codec/patch_text.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// A member that stands in the map's own text, not one that a merge key brought.
struct Own {
  JsonMember member;
  size_t key = 0;  // its offset
};

constexpr std::string_view kNoRoom =
    "the flow style and JSON have no room for the mark of a placeholder";

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Planner {
 public:
  Planner(const SourceText& text, const SourceText& patch_text) : text_(text), patch_(patch_text) {}

  bool Map(JsonView target, JsonView patch) {
    const size_t at = text_.OffsetOf(target.position());
    if (text_.At(at) == '*') return Refuse("an alias stands there: change what it stands for");
    if (text_.At(at) == '&' || text_.At(at) == '!')
      return Refuse("an anchor or a tag stands there");
    const bool flow = text_.At(at) == '{';
    const std::vector<Own> own = OwnMembers(target, flow);
    if (own.empty() && !flow) return Refuse("the map has no member that stands in the text");
    std::vector<std::string> added;  // in the flow style
    for (const JsonMember member : patch.members()) {
      const JsonView there = target[member.key];
      if (!member.value.present()) {
        if (there.exists() && !Delete(member.key, own, flow)) return false;
      } else if (there.exists()) {
        if (!DeepEquals(there, member.value) && !Change(own, flow, member)) return false;
      } else if (flow) {
        if (HasComment(patch_.LinesOf(member))) return Refuse(std::string(kNoRoom));
        added.push_back(QuotedJson(member.key) + ": ");
        AppendFlow(member.value, added.back());
      } else {
        InsertLines(MemberEnd(own.back()), ColumnOf(own.back().key), patch_.LinesOf(member));
      }
    }
    return added.empty() || InsertFlow(target, added);
  }

  std::vector<PlacedEdit>& edits() { return edits_; }
  const std::string& problem() const { return problem_; }

 private:
  bool Refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }

  size_t ColumnOf(size_t offset) const { return offset - text_.LineBegin(offset); }

  std::vector<Own> OwnMembers(JsonView map, bool flow) const {
    std::vector<Own> own;
    const size_t begin = text_.OffsetOf(map.position());
    for (const JsonMember member : map.members()) {
      if (!member.key_position().known()) continue;  // added in reading: the kind of a list's item
      const size_t key = text_.OffsetOf(member.key_position());
      const std::string_view rest = text_.text().substr(std::min(key, text_.text().size()));
      const bool spelled = rest.starts_with(member.key) ||
                           rest.starts_with(QuotedJson(member.key)) ||
                           rest.starts_with("'" + std::string(member.key) + "'");
      if (!spelled || key < begin) continue;
      if (!flow && ColumnOf(key) != ColumnOf(begin)) continue;
      own.push_back({member, key});
    }
    std::sort(own.begin(), own.end(), [](const Own& a, const Own& b) { return a.key < b.key; });
    return own;
  }

  static const Own* Find(std::string_view key, const std::vector<Own>& own) {
    const auto found =
        std::find_if(own.begin(), own.end(), [&](const Own& one) { return one.member.key == key; });
    return found == own.end() ? nullptr : &*found;
  }

  // Behind a member of a map in the block style, with its line.
  size_t MemberEnd(const Own& own) const {
    const size_t value = text_.OffsetOf(own.member.value.position());
    size_t from = own.key;
    if (own.member.value.position().known() && value > own.key) {
      const char first = text_.At(value);
      if (std::string_view("{[\"'").find(first) != std::string_view::npos) {
        from = std::max(from, text_.ValueEnd(value, false) - 1);
      }
    }
    return text_.BlockEnd(from, ColumnOf(own.key), own.member.value.is_array());
  }

  void Replace(size_t offset, size_t length, std::string text) {
    edits_.push_back({offset, length, std::move(text), 0});
  }

  // Whole lines in column `indent`, before the line that begins at `offset`.
  void InsertLines(size_t offset, size_t indent, const PatchLines& lines) {
    const std::string line_break(text_.line_break());
    const bool at_open_end = offset == text_.text().size() && !text_.ends_in_line_break();
    std::string out;
    for (const std::string& line : lines) {
      if (at_open_end) out += line_break;
      out.append(indent, ' ').append(line);
      if (!at_open_end) out += line_break;
    }
    edits_.push_back({offset, 0, std::move(out), indent});
  }

  // At the end of a collection in the flow style.
  bool InsertFlow(JsonView collection, const std::vector<std::string>& added) {
    const size_t begin = text_.OffsetOf(collection.position());
    const size_t end = text_.ValueEnd(begin, true);
    if (end <= begin + 1) return Refuse("a collection in the flow style has no end that is found");
    size_t last = end - 1;  // behind the last thing in it
    while (last > begin + 1 && IsSpace(text_.At(last - 1))) --last;
    std::string separator = ", ";
    // Where each stands on a line of its own, so does what is new.
    const size_t line = text_.LineBegin(last - 1);
    if (last > begin + 1 && text_.LineBegin(end - 1) != line && text_.LineBegin(begin) != line) {
      const size_t first = text_.NextLine(begin);
      const size_t indent = text_.text().find_first_not_of(' ', first) - first;
      separator = "," + std::string(text_.line_break()) + std::string(indent, ' ');
    }
    std::string out;
    for (const std::string& element : added) {
      const bool first = out.empty() && last == begin + 1;
      const bool comma_is_there = out.empty() && text_.At(last - 1) == ',';
      if (!first) out += comma_is_there ? separator.substr(1) : separator;
      out += element;
    }
    edits_.push_back({last, 0, std::move(out), 0});
    return true;
  }

  bool Delete(std::string_view key, const std::vector<Own>& own, bool flow) {
    const Own* const there = Find(key, own);
    if (there == nullptr) return Refuse("\"" + std::string(key) + "\" comes from a merge key");
    const auto place = static_cast<size_t>(there - own.data());
    const bool has_next = place + 1 < own.size();
    const size_t line = text_.LineBegin(there->key);
    const bool first_on_line = Trim(text_.text().substr(line, there->key - line)).empty();
    if (!flow && first_on_line) {
      if (own.size() == 1) return Refuse("nothing would be left of the map");
      Replace(line, MemberEnd(*there) - line, "");
      return true;
    }
    if (has_next) {
      Replace(there->key, own[place + 1].key - there->key, "");
      return true;
    }
    if (!flow || place == 0)
      return Refuse("\"" + std::string(key) + "\" stands alone in its place");
    const size_t comma = text_.text().rfind(',', there->key);
    const size_t value = text_.OffsetOf(there->member.value.position());
    const size_t end = text_.ValueEnd(value, true);
    if (comma == std::string_view::npos || end <= value) return Refuse("its end is not found");
    Replace(comma, end - comma, "");
    return true;
  }

  bool Change(const std::vector<Own>& own, bool flow, JsonMember member) {
    const Own* const there = Find(member.key, own);
    if (there == nullptr) {
      return Refuse("\"" + std::string(member.key) + "\" comes from a merge key or an alias");
    }
    const JsonView value = there->member.value;
    const size_t at = text_.OffsetOf(value.position());
    const char first = text_.At(at);
    if (value.present() && first == '*') {
      return Refuse("\"" + std::string(member.key) + "\" is an alias: change what it stands for");
    }
    if (value.present() && first == '&') {
      return Refuse("\"" + std::string(member.key) + "\" has an anchor: others may follow it");
    }
    if (member.value.is_object() && value.is_object() && value.size() > 0) {
      return Map(value, member.value);
    }
    const std::string_view merge_key = MergeKeyOf(member.key);
    if (member.value.is_array() && value.is_array() && value.size() > 0 && !merge_key.empty()) {
      return List(value, member.value, merge_key);
    }
    return ReplaceValue(*there, flow, member);
  }

  bool ReplaceValue(const Own& there, bool flow, JsonMember member) {
    const JsonView value = there.member.value;
    const size_t at = text_.OffsetOf(value.position());
    const PatchLines lines = patch_.LinesOf(member);
    if (flow) {
      if (HasComment(lines)) return Refuse(std::string(kNoRoom));
      const size_t end = text_.ValueEnd(at, true);
      if (end <= at) return Refuse("the value stands there in a style that is not edited here");
      std::string element;
      AppendFlow(member.value, element);
      Replace(at, end - at, std::move(element));
      return true;
    }
    const bool scalar = !member.value.is_object() && !member.value.is_array();
    const size_t end = text_.ValueEnd(at, false);
    const bool one_line =
        value.present() && end > at && text_.LineBegin(end) == text_.LineBegin(there.key);
    if (scalar && one_line && !value.is_object() && !value.is_array()) {
      // What stands behind the key in the patch: the value, and perhaps a remark.
      const std::string_view line = lines.front();
      Replace(at, end - at, std::string(line.substr(line.find(": ") + 2)));
      return true;
    }
    const size_t colon = text_.text().find(':', there.key + member.key.size());
    if (!value.present() && colon != std::string_view::npos &&
        text_.OnlyCommentFollows(colon + 1) && lines.size() > 1) {
      InsertLines(text_.NextLine(there.key), ColumnOf(there.key),
                  PatchLines(lines.begin() + 1, lines.end()));
      return true;
    }
    if (one_line && lines.size() > 1 && text_.OnlyCommentFollows(end)) {
      // `{}` or `[]`: what is new stands below the key, and a comment stays beside it.
      Replace(colon + 1, end - colon - 1, "");
      InsertLines(text_.NextLine(there.key), ColumnOf(there.key),
                  PatchLines(lines.begin() + 1, lines.end()));
      return true;
    }
    return ReplaceMember(there, lines);
  }

  // Key, value and all.
  bool ReplaceMember(const Own& there, const PatchLines& lines) {
    const size_t end = MemberEnd(there);
    const std::string line_break(text_.line_break());
    std::string out;
    for (const std::string& line : lines) {
      if (!out.empty()) out.append(line_break).append(ColumnOf(there.key), ' ');
      out += line;
    }
    const bool open_end = end == text_.text().size() && !text_.ends_in_line_break();
    if (!open_end) out += line_break;
    Replace(there.key, end - there.key, std::move(out));
    return true;
  }

  bool List(JsonView target, JsonView patch, std::string_view merge_key) {
    const size_t begin = text_.OffsetOf(target.position());
    const bool flow = text_.At(begin) == '[';
    if (!flow && text_.At(begin) != '-') return Refuse("a list stands there in another style");
    const size_t column = ColumnOf(begin);
    std::vector<std::string> added;  // in the flow style
    for (const JsonView item : patch.elements()) {
      const JsonView there = CounterpartOf(item, target, merge_key);
      if (there.exists()) {
        if (!DeepEquals(there, item) && !Map(there, item)) return false;
      } else if (flow) {
        if (HasComment(patch_.LinesOfItem(item))) return Refuse(std::string(kNoRoom));
        AppendFlow(item, added.emplace_back());
      } else {
        const JsonView last = target.At(target.size() - 1);
        InsertLines(text_.BlockEnd(text_.OffsetOf(last.position()), column, false), column,
                    patch_.LinesOfItem(item));
      }
    }
    return added.empty() || InsertFlow(target, added);
  }

  const SourceText& text_;
  PatchText patch_;
  std::vector<PlacedEdit> edits_;
  std::string problem_;
};

}  // namespace

Result<std::vector<PlacedEdit>> PlanPatch(const SourceText& text, JsonView object,
                                          const SourceText& patch_text, JsonView patch) {
  Planner planner(text, patch_text);
  if (!planner.Map(object, patch)) {
    return Fail(ErrorCode::kInvalidArgument, planner.problem(), object.position());
  }
  return std::move(planner.edits());
}

std::optional<std::string> ApplyPlacedEdits(std::string_view text, std::vector<PlacedEdit> edits) {
  std::stable_sort(edits.begin(), edits.end(), [](const PlacedEdit& a, const PlacedEdit& b) {
    if (a.offset != b.offset) return a.offset < b.offset;
    if ((a.length == 0) != (b.length == 0)) return a.length == 0;
    return a.indent > b.indent;
  });
  std::string out;
  size_t at = 0;
  for (const PlacedEdit& edit : edits) {
    if (edit.offset < at) return std::nullopt;
    out += text.substr(at, edit.offset - at);
    out += edit.text;
    at = edit.offset + edit.length;
  }
  out += text.substr(at);
  return out;
}

}  // namespace plimsoll
