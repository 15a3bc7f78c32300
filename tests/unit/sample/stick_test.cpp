// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "sample/expression.hpp"
#include "sample/stick_view.hpp"
#include "scene.hpp"

using namespace corelane;
using stick::DataType;

namespace {

struct Tables {
  Tables() {
    const stick::TableShape ips{
        stick::KeyType::ip,
        4,
        10,
        1'000,
        false,
        {{DataType::gpc0, 1, 0}, {DataType::http_req_rate, 1, 10'000}, {DataType::bytes_in_cnt, 1, 0}}};
    stick::TableShape arrays = ips;
    arrays.store = {{DataType::gpc, 3, 0}, {DataType::gpt, 2, 0}, {DataType::gpc_rate, 2, 10'000}};
    const stick::TableShape texts{stick::KeyType::string, 8, 10, 0, false, {{DataType::gpc0, 1, 0}}};
    for (const stick::TableShape& shape : {ips, arrays, texts})
      tables.push_back(std::make_unique<stick::Table>(shape, stick::HashSeed{1, 2}));
    names.tables = {{"ips", ips}, {"arrays", arrays}, {"texts", texts}};
    names.own_table = 0;
    view.tables = tables;
    view.stream = &keys;
    client = *base::endpoint_from_ip("10.0.0.1", 99);
    context.stick = &view;
    context.client = &client;
  }

  void track(std::uint32_t counter, std::uint32_t table) {
    sample::Sample sample;
    sample.set(client);
    keys[counter] = {table + 1,
                     tables[table]->get(sample::stick_key(*tables[table], sample, arena), view.now_ms)};
  }

  /// The integer, or -1: there is no such sample.
  std::int64_t ask(std::string_view text) {
    const sample::ExpressionRead read = sample::read_expression(text, names);
    REQUIRE_MESSAGE(read.expression, read.fault.message);
    arena.reset();
    sample::Cursor cursor;
    sample::Sample sample;
    return read.expression->evaluate({context, arena}, cursor, sample) ? sample.integer : -1;
  }
  std::string fault(std::string_view text) { return sample::read_expression(text, names).fault.message; }

  std::vector<std::unique_ptr<stick::Table>> tables;
  sample::TrackedKeys keys{};
  sample::StickView view;
  sample::Names names;
  base::Endpoint client;
  sample::Context context;
  std::array<char, 4096> memory;
  sample::Arena arena{memory};
};

}  // namespace

TEST_CASE("what a counter follows, and the client's address") {
  Tables tables;
  CHECK(tables.ask("sc0_get_gpc0") == -1);
  CHECK(tables.ask("sc_tracked(0)") == 0);
  CHECK(tables.ask("src_get_gpc0") == 0);
  CHECK(tables.ask("table_cnt") == 0);
  CHECK(tables.ask("src_inc_gpc0") == 1);
  CHECK(tables.ask("src_inc_gpc0(ips)") == 2);
  CHECK(tables.ask("table_cnt(ips)") == 1);
  CHECK(tables.ask("table_avl") == 9);
  tables.track(0, 0);
  CHECK(tables.ask("sc0_tracked") == 1);
  CHECK(tables.ask("sc0_get_gpc0") == 2);
  CHECK(tables.ask("sc_get_gpc0(0)") == 2);
  CHECK(tables.ask("sc0_trackers") == 1);
  CHECK(tables.ask("src_get_gpc0") == 2);
  CHECK(tables.ask("sc1_get_gpc0") == -1);
  CHECK(tables.ask("sc0_clr_gpc0") == 2);
  CHECK(tables.ask("sc0_get_gpc0") == 0);
  CHECK(tables.ask("sc0_http_req_rate") == 0);
  tables.tables[0]->add(tables.keys[0].record, DataType::bytes_in_cnt, 0, 5'000, 0);
  CHECK(tables.ask("sc0_kbytes_in") == 4);
  CHECK(tables.ask("sc0_get_gpt(1)") == -1);  // another table keeps it
}

TEST_CASE("the same key in another table, and elements of arrays") {
  Tables tables;
  tables.track(2, 0);
  CHECK(tables.ask("sc2_get_gpc(1,arrays)") == 0);
  CHECK(tables.ask("src_inc_gpc(1,arrays)") == 1);
  CHECK(tables.ask("sc2_get_gpc(1,arrays)") == 1);
  CHECK(tables.ask("sc2_get_gpc1(arrays)") == 1);
  CHECK(tables.ask("sc2_gpc_rate(1,arrays)") == 1);
  CHECK(tables.ask("src_gpc1_rate(arrays)") == 1);
  CHECK(tables.ask("sc2_get_gpt(1,arrays)") == 0);
  CHECK(tables.ask("sc2_get_gpc(7,arrays)") == -1);
  CHECK(tables.ask("src,table_gpc(1,arrays)") == 1);
  CHECK(tables.ask("src,table_gpc1(arrays)") == 1);
}

TEST_CASE("samples are looked up") {
  Tables tables;
  CHECK(tables.ask("src,in_table(ips)") == 0);
  CHECK(tables.ask("src,table_idle(ips)") == -1);
  CHECK(tables.ask("src,table_idle(ips,7)") == 7);
  tables.ask("src_inc_gpc0");
  tables.view.now_ms = 400;
  CHECK(tables.ask("src,in_table(ips)") == 1);
  CHECK(tables.ask("str(10.0.0.1),table_gpc0(ips)") == 1);
  CHECK(tables.ask("str(x),table_gpc0(ips)") == 0);
  CHECK(tables.ask("src,table_idle(ips)") == 400);
  CHECK(tables.ask("src,table_expire(ips)") == 600);
  CHECK(tables.ask("src,table_trackers(ips)") == 0);
  tables.view.now_ms = 1'000;
  CHECK(tables.ask("src,in_table(ips)") == 0);
}

TEST_CASE("what cannot be asked is said at start") {
  Tables tables;
  CHECK(tables.fault("sc0_conn_cnt") == "sc0_conn_cnt: no stick table has conn_cnt in its store");
  CHECK(tables.fault("src_conn_cnt") == "src_conn_cnt: the stick table ips does not store conn_cnt");
  CHECK(tables.fault("src_get_gpc0(nowhere)") ==
        "no frontend or backend with a stick_table is named \"nowhere\"");
  CHECK(tables.fault("sc_get_gpc0(3)") == "\"3\" is no stick counter: expected 0 to 2");
  CHECK(tables.fault("src,table_sess_cnt(ips)") ==
        "table_sess_cnt: the stick table ips does not store sess_cnt");
  tables.names.own_table.reset();
  CHECK(tables.fault("src_get_gpc0") ==
        "src_get_gpc0: needs a stick table: name one, or give this section a stick_table");
}
