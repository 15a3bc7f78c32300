// SPDX-License-Identifier: Apache-2.0
#include "rules/pattern_sets.hpp"

#include <doctest/doctest.h>

#include <map>

#include "rules/condition.hpp"
#include "scene.hpp"

namespace corelane::rules {
namespace {

using sample::Scene;

const std::map<std::string, std::string> files{
    {"paths", "# a comment\n\n  /static\n/img/ \r\n #hash\n"},
    {"networks", "10.1.2.0/24\n::1\n10.9.9.9/16\n"},
    {"words.map", "key\tvalue one \r\n# no\nother 2\nkey never\n  blank   x  y \nempty\n"},
    {"beg.map", "/ root\n/a a\n/a/b ab\n/a/b/c abc\n/aa aa\n/z zed\n"},
    {"end.map", "g last\nlogo.png logo\n.png image\n"},
    {"sub.map", "zz none\n/img image\nlogo logo\n"},
    {"dom.map", "com tld\nexample example\nexample.com both\n"},
    {"reg.map", "^/x.* x\n^/img/(.*)/(.*)\\.png$ \\2-\\1\\\\\nimg image\n"},
    {"numbers.map", "17 seventeen\n10:20 teens\n:5 low\n100: high\n1000 never\n"},
    {"nets.map", "0.0.0.0/0 any\n10.0.0.0/8 ten\n10.1.2.3 host\n10.1.0.0/16 sixteen\n2001:db8::/32 six\n"},
    {"integers.map", "key 42\nlow -9223372036854775808\n"},
    {"addresses.map", "key 192.0.2.7\nsix 2001:db8::7\n"},
    {"bad_integers.map", "a 1\n\nkey 4x\n"},
    {"bad_addresses.map", "key 192.0.2.777\n"},
    {"bad_networks", "10.0.0.0/8\n10.0.0.0/33\n"},
    {"bad_regexes", "a\n#\n(\n"},
    {"nothing", "\n# nothing\n"},
};

bool read_file(const std::string& path, std::string& text, std::string& failure) {
  const auto found = files.find(path);
  if (found == files.end()) {
    failure = "cannot read " + path + ": No such file or directory";
    return false;
  }
  text = found->second;
  return true;
}

sample::Names names_with(PatternSets& sets) {
  sample::Names names = sample::scene_names();
  names.patterns = &sets;
  return names;
}

std::string verdict(PatternSets& sets, std::string_view condition, Scene& scene) {
  const sample::Names names = names_with(sets);
  Acls acls(names);
  const ConditionRead read = acls.read(condition, sample::phase_request);
  if (!read.condition) return "fault: " + read.fault.message;
  return read.condition->holds({scene.context(), scene.arena()}) ? "yes" : "no";
}

std::string value(PatternSets& sets, std::string_view expression, Scene& scene) {
  const sample::Names names = names_with(sets);
  const sample::ExpressionRead read = sample::read_expression(expression, names);
  return read.expression ? scene.value(*read.expression) : "fault: " + read.fault.message;
}

struct Row {
  std::string_view text;
  std::string_view result;
};

TEST_CASE("patterns of files and ids") {
  Scene scene(sample::request_of("GET /img/a/logo.png?v=12"));
  PatternSets sets(read_file);
  constexpr Row rows[] = {
      {"{ path_beg -f paths }", "no"},  // "/img/ " has its blank
      {"{ path_beg -f paths /img/ }", "yes"},
      {"{ path_beg /static -f paths }", "no"},  // behind a pattern -f is one
      {"{ path_beg -f nothing -f paths /img/ }", "yes"},
      {"{ path_beg -f nothing }", "no"},
      {"{ str(/static/x) -m beg -f paths }", "yes"},
      {"{ str(/STATIC/x) -m beg -i -f paths }", "yes"},
      {"{ str(/STATIC/x) -m beg -f paths }", "no"},
      {"{ str('#hash') -f paths }", "yes"},
      {"{ src -f networks }", "yes"},
      {"{ str(10.9.1.1) -m ip -f networks }", "yes"},
      {"{ str(10.2.2.2) -m ip -f networks }", "no"},
      {"{ src -m found -f networks }", "fault: found takes no patterns, and so none of -f and -u"},
      {"{ str(key) -M -f words.map }", "yes"},
      {"{ str(empty) -M -f words.map }", "yes"},
      {"{ str(value) -M -f words.map }", "no"},
      {"{ str(key) -f words.map }",
       "fault: words.map is also used with a pattern and a value a line: a file of patterns and values is "
       "read "
       "as one by -M before its -f"},
      {"{ str(b) -u 7 a b }", "yes"},
      {"{ str(b) -m beg -u 7 a b }", "yes"},
      {"{ str(b) -u 7 a }", "fault: the id 7 is that of another list of patterns"},
      {"{ str(b) -u 8 }", "no"},
      {"{ str(b) -u x a }", "fault: expected a number after -u, by which the patterns are known"},
      {"{ str(b) -f", "fault: expected the name of a file after -f"},
      {"{ src -f none }", "fault: cannot read none: No such file or directory"},
      {"{ src -f bad_networks }",
       "fault: bad_networks:2: bad network \"10.0.0.0/33\": the prefix is a number from 0 to 32"},
      {"{ path_reg -f bad_regexes }", "fault: bad_regexes:3: bad regular expression \"(\": missing ): ("},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(verdict(sets, row.text, scene) == row.result);
  }
}

TEST_CASE("maps") {
  Scene scene(sample::request_of("GET /img/a/logo.png?v=12"));
  PatternSets sets(read_file);
  constexpr Row rows[] = {
      {"str(key),map(words.map)", "value one"},
      {"str(KEY),map(words.map)", "(none)"},
      {"str(KEY),map(words.map,'a, b')", "a, b"},
      {"str(other),map_str(words.map)", "2"},
      {"str(blank),map_str(words.map)", "x  y"},
      {"str(empty),map_str(words.map)", ""},
      {"str(/a/b/cc),map_beg(beg.map)", "abc"},
      {"str(/a/bc),map_beg(beg.map)", "ab"},
      {"str(/ab),map_beg(beg.map)", "a"},
      {"str(/aab),map_beg(beg.map)", "aa"},
      {"str(/b),map_beg(beg.map)", "root"},
      {"str(/zz),map_beg(beg.map)", "zed"},
      {"str(x),map_beg(beg.map)", "(none)"},
      {"path,map_end(end.map)", "last"},
      {"path,map_sub(sub.map)", "image"},
      {"path,map_dir(sub.map,no)", "image"},
      {"hdr(host),map_dom(dom.map)", "tld"},
      {"path,map_reg(reg.map)", "\\2-\\1\\\\"},
      {"path,map_regm(reg.map)", "logo-a\\"},
      {"str(ximg),map_regm(reg.map)", "image"},
      {"int(17),map_int(numbers.map)", "seventeen"},
      {"int(18),map_int(numbers.map)", "teens"},
      {"int(-9),map_int(numbers.map)", "low"},
      {"int(1000),map_int(numbers.map)", "high"},
      {"int(50),map_int(numbers.map)", "(none)"},
      {"src,map_ip(nets.map)", "host"},
      {"str(10.1.9.9),map_ip(nets.map)", "sixteen"},
      {"str(10.200.9.9),map_ip(nets.map)", "ten"},
      {"str(11.1.1.1),map_ip(nets.map)", "any"},
      {"str(::ffff:10.1.2.3),map_ip(nets.map)", "host"},
      {"str(2001:db8::1),map_ip(nets.map)", "six"},
      {"str(2001:db9::1),map_ip(nets.map,no)", "no"},
      {"str(nobody),map_ip(nets.map,no)", "(none)"},
      {"str(key),map_str_int(integers.map),add(1)", "43"},
      {"str(low),map_str_int(integers.map)", "-9223372036854775808"},
      {"str(no),map_str_int(integers.map,5)", "5"},
      {"str(key),map_str_ip(addresses.map),ipmask(24)", "192.0.2.0"},
      {"str(six),map_str_ip(addresses.map)", "2001:db8::7"},
      {"str(no),map_str_ip(addresses.map,127.0.0.9)", "127.0.0.9"},
      {"str(no),map_str_ip(addresses.map,nobody)", "fault: \"nobody\" is not an IP address"},
      {"str(no),map_str_int(integers.map,x)", "fault: \"x\" is not an integer"},
      {"str(key),map_str_int(bad_integers.map)",
       "fault: bad_integers.map:3: the value \"4x\" is not an integer"},
      {"str(key),map_str_ip(bad_addresses.map)",
       "fault: bad_addresses.map:1: the value \"192.0.2.777\" is not an IP address"},
      {"str(key),map(none.map)", "fault: cannot read none.map: No such file or directory"},
      {"str(key),map()", "fault: map(file[,text]) takes more arguments"},
      {"bool(1),map_ip(nets.map)", "fault: map_ip takes an address, but what comes before it is a boolean"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(value(sets, row.text, scene) == row.result);
  }
}

TEST_CASE("the fault of a map's file stands where it is named") {
  PatternSets sets(read_file);
  const sample::Names names = names_with(sets);
  CHECK(sample::read_expression("path,map(none.map)", names).fault.position == 9);
  Acls acls(names);
  CHECK(acls.read("{ path -f paths -f none }", sample::phase_request).fault.position == 19);
}

TEST_CASE("a list without a source is refused") {
  const sample::Names names = sample::scene_names();
  CHECK(sample::read_expression("path,map(a)", names).fault.message == "there are no files here");
  Acls acls(names);
  CHECK(acls.read("{ path -f a }", sample::phase_request).fault.message ==
        "there are no files and no lists with an id here");
}

TEST_CASE("a change is seen at once, by every use of the list") {
  Scene scene(sample::request_of("GET /img/a/logo.png"));
  PatternSets sets(read_file);
  const sample::Names names = names_with(sets);
  const auto whole = sample::read_expression("str(key),map(words.map,-)", names);
  const auto begin = sample::read_expression("str(keyed),map_beg(words.map,-)", names);
  Acls acls(names);
  const ConditionRead read = acls.read("{ str(key) -M -f words.map }", sample::phase_request);
  sets.number();
  PatternSet& set = *sets.find("0");
  CHECK(&set == sets.find("words.map"));
  CHECK(sets.find("1") == nullptr);
  CHECK(set.is_map());

  const PatternEntry fresh[] = {{"key", "new", 0}, {"k", "short", 0}};
  PatternSet::Change change = set.replace(PatternContent::from_entries(fresh));
  CHECK(change.replaced != nullptr);
  CHECK(scene.value(*whole.expression) == "new");
  CHECK(scene.value(*begin.expression) == "new");
  const auto matches = set.matches("keyed");
  CHECK(matches.size() == 3);
  CHECK(matches[0].entry == nullptr);
  CHECK(matches[1].method == "beg");
  CHECK(matches[1].entry->value == "new");

  change = set.replace(PatternContent::from_entries({}));
  CHECK(scene.value(*whole.expression) == "-");
  CHECK_FALSE(read.condition->holds({scene.context(), scene.arena()}));
}

TEST_CASE("a faulty change changes nothing") {
  Scene scene(sample::request_of("GET /"));
  PatternSets sets(read_file);
  const sample::Names names = names_with(sets);
  const auto integer = sample::read_expression("str(key),map_str_int(integers.map)", names);
  sets.number();
  const PatternEntry fresh[] = {{"key", "1", 0}, {"other", "x", 0}};
  const PatternSet::Change change = sets.find("integers.map")->replace(PatternContent::from_entries(fresh));
  CHECK(change.replaced == nullptr);
  CHECK(change.fault.message == "\"other\": the value \"x\" is not an integer");
  CHECK(sets.find("integers.map")->fault_of({"other", "x", 0}).has_value());
  CHECK_FALSE(sets.find("integers.map")->fault_of({"other", "7", 0}).has_value());
  CHECK(sets.place_of("integers.map") == 0);
  CHECK_FALSE(sets.place_of("nowhere.map").has_value());
  CHECK(scene.value(*integer.expression) == "42");
}

TEST_CASE("ids are numbers that nobody has taken") {
  PatternSets sets(read_file);
  Scene scene(sample::request_of("GET /"));
  (void)verdict(sets, "{ path -f paths } or { path -u 0 /x } or { src -f networks }", scene);
  sets.number();
  CHECK(sets.find("paths")->id() == 1);
  CHECK(sets.find("networks")->id() == 2);
  CHECK(sets.find("0")->file().empty());
}

}  // namespace
}  // namespace corelane::rules
