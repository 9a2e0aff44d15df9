#!/usr/bin/env python3
"""Proves on small made-up trees that every rule of layering.py can fail, and
that a good tree passes."""

import contextlib
import io
import os
import shutil
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cpp_text  # noqa: E402
import layering  # noqa: E402

TABLE = '''project(made_up)
recur_room(model/spec LIBS absl::strings)  # the lowest
recur_room(model/format ROOMS model/spec
           LIBS nlohmann_json::nlohmann_json recur_xxhash)
recur_room(model/network ROOMS model/spec)
recur_room(model/network/onednn ROOMS model/network model/spec
           LIBS recur_dnnl)
recur_room(server/lane ROOMS model/spec model/network)
recur_room(server/observe ROOMS server/lane
           LIBS prometheus-cpp::core civetweb::civetweb-cpp spdlog::spdlog)
recur_room(server/rpc WIRE ROOMS server/lane model/spec
           LIBS recur_proto gRPC::grpc++)
recur_room(client/sdk WIRE ROOMS model/spec LIBS recur_proto gRPC::grpc++)
recur_room(client/cli WIRE ROOMS client/sdk LIBS recur_proto CLI11::CLI11)
'''


def header(path, body=''):
    guard = 'RECUR_' + path.upper().replace('/', '_').replace('.', '_') + '_'
    return (f'// What it is for.\n#ifndef {guard}\n#define {guard}\n\n{body}\n'
            f'#endif  // {guard}\n')


class LayeringTest(unittest.TestCase):

    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        self.write('CMakeLists.txt', TABLE)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'w', encoding='utf-8') as file:
            file.write(text)

    def findings(self):
        return [str(f) for f in layering.check_tree(self.root)]

    def expect(self, *parts):
        """Exactly one finding, with all of these in it."""
        found = self.findings()
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])

    def expect_include(self, path, include, message):
        self.write(path, f'// First.\n#include {include}\n')
        self.expect(f'{path}:2: ', message)

    def allow_include(self, path, include):
        self.write(path, f'#include {include}\n')
        self.assertEqual(self.findings(), [])

    def run_main(self):
        out = io.StringIO()
        with mock.patch.object(sys, 'argv', ['layering.py', self.root]), \
                contextlib.redirect_stdout(out):
            code = layering.main()
        return code, out.getvalue().splitlines()

    # A good tree.

    def test_a_good_tree_has_no_findings(self):
        self.write('model/spec/cell.h', header('model/spec/cell.h'))
        self.write('model/format/json.cc',
                   '#include "nlohmann/json.hpp"\n#include <xxhash.h>\n'
                   '#include <vector>\n#include "absl/status/status.h"\n'
                   '#include "model/format/json.h"\n'
                   '#include "model/spec/cell.h"\n')
        self.write('model/network/onednn/gru.cc',
                   '#include <dnnl.hpp>\n'
                   '#include "model/network/engine.h"\n')
        self.write('server/observe/metrics.cc',
                   '#include "CivetServer.h"\n#include "prometheus/registry.h"\n'
                   '#include "spdlog/spdlog.h"\n')
        self.write('server/rpc/call.cc',
                   '#include "grpcpp/grpcpp.h"\n'
                   '#include "recur/v1/recur.pb.h"\n'
                   '#include "server/lane/lane.h"\n')
        self.write('client/cli/flags.cc', '#include "CLI/CLI.hpp"\n'
                   '#include "client/sdk/client.h"\n')
        self.write('README.md', 'text\n')
        code, lines = self.run_main()
        self.assertEqual(lines[-1], 'lint: 6 files, no findings')
        self.assertEqual(code, 0)

    def test_findings_are_listed_and_counted(self):
        self.write('model/spec/a.cc', '#include "server/lane/lane.h"\n')
        self.write('notes.txt', '')
        code, lines = self.run_main()
        self.assertEqual(code, 1)
        self.assertEqual(lines[-1], 'lint: 1 files, 2 findings')
        self.assertTrue(lines[-3].startswith('model/spec/a.cc:1: '), lines)

    def test_the_build_tree_is_not_looked_at(self):
        self.write('.gitignore', '/build/\n*.pyc\n')
        self.write('build/util/a.h', 'x')
        self.assertEqual(self.findings(), [])

    # Rooms.

    def test_a_room_may_not_include_what_its_row_lacks(self):
        self.expect_include('model/spec/a.cc', '"model/format/json.h"',
                            'room model/spec must not include room '
                            'model/format')

    def test_a_row_is_not_inherited(self):
        # observe lists lane, and lane lists spec.
        self.expect_include('server/observe/a.cc', '"model/spec/cell.h"',
                            'must not include room model/spec')

    def test_an_inner_room_is_another_room(self):
        self.expect_include('model/network/a.cc',
                            '"model/network/onednn/engine.h"',
                            'must not include room model/network/onednn')

    def test_includes_in_comments_do_not_count(self):
        self.write('model/spec/a.cc', '// #include "server/lane/lane.h"\n')
        self.assertEqual(self.findings(), [])

    def test_angle_brackets_count(self):
        self.expect_include('model/spec/a.cc', '<server/lane/lane.h>',
                            'must not include room server/lane')

    def test_every_file_is_in_a_room(self):
        self.write('server/attic/a.cc', '')
        self.expect('server/attic/a.cc:1: ', 'in no room')

    def test_an_include_from_no_room_is_found(self):
        self.expect_include('model/spec/a.cc', '"model/attic/a.h"',
                            'is in no room')

    def test_only_tests_include_tests(self):
        self.expect_include('model/spec/a.cc', '"tests/golden/golden.h"',
                            'only tests')

    def test_a_test_may_include_any_room(self):
        self.allow_include('tests/unit/model/spec/a_test.cc',
                           '"server/lane/lane.h"')

    # The table itself.

    def test_rooms_may_not_go_in_circles(self):
        self.write('CMakeLists.txt', TABLE +
                   'recur_room(model/a ROOMS model/b)\n'
                   'recur_room(model/b ROOMS model/c)\n'
                   'recur_room(model/c ROOMS model/a)\n')
        self.expect('CMakeLists.txt:', 'in a cycle: '
                    'model/a -> model/b -> model/c -> model/a')

    def test_a_row_lists_only_rooms(self):
        self.write('CMakeLists.txt', TABLE + 'recur_room(model/a ROOMS x/y)\n')
        self.expect(f'CMakeLists.txt:{TABLE.count(chr(10)) + 1}: ',
                    'lists x/y, which is no room')

    def test_a_lower_house_may_not_look_into_a_higher_one(self):
        self.write('CMakeLists.txt',
                   TABLE + 'recur_room(model/a ROOMS server/lane)\n')
        self.expect('model/ must not look into server/')

    def test_clients_and_servers_do_not_know_each_other(self):
        self.write('CMakeLists.txt',
                   TABLE + 'recur_room(server/a ROOMS client/sdk)\n')
        self.expect('server/ must not look into client/')

    def test_a_pure_room_cannot_be_made_wire(self):
        self.write('CMakeLists.txt', TABLE + 'recur_room(server/core WIRE)\n')
        self.expect('room server/core must not be marked WIRE')

    def test_a_pure_room_cannot_link_the_wire(self):
        self.write('CMakeLists.txt',
                   TABLE + 'recur_room(client/replay LIBS gRPC::grpc++)\n')
        self.expect('room client/replay must not link gRPC')

    # Foreign libraries.

    def test_pure_rooms_know_no_wire(self):
        for include in ('<grpcpp/grpcpp.h>', '"grpc/grpc.h"',
                        '"google/protobuf/arena.h"', '"recur/v1/recur.pb.h"',
                        '"recur.grpc.pb.h"', '"google/rpc/status.pb.h"',
                        '"civetweb.h"', '"CivetServer.h"',
                        '<prometheus/counter.h>'):
            with self.subTest(include):
                self.expect_include('server/lane/a.cc', include,
                                    'must not be known in room server/lane')

    def test_a_room_that_is_not_wire_knows_no_grpc(self):
        self.expect_include('server/observe/a.cc', '<grpcpp/grpcpp.h>',
                            'gRPC in room server/observe, which is not WIRE')

    def test_onednn_stays_in_its_room(self):
        for include in ('<dnnl.hpp>', '"dnnl.h"', '<dnnl_types.h>',
                        '"oneapi/dnnl/dnnl.hpp"'):
            with self.subTest(include):
                self.expect_include('model/network/a.cc', include,
                                    'outside of model/network/onednn')

    def test_rocksdb_stays_in_its_room(self):
        self.expect_include('server/lane/a.cc', '<rocksdb/db.h>',
                            'RocksDB must not be known outside of '
                            'server/store')

    def test_a_room_does_not_link_what_is_of_another(self):
        self.write('CMakeLists.txt', TABLE + 'recur_room(server/core LIBS '
                   'recur_rocksdb)\n')
        self.expect('room server/core must not link RocksDB')

    def test_foreign_libraries_stay_in_rooms_that_list_them(self):
        for name, include in (('nlohmann-json', '<nlohmann/json.hpp>'),
                              ('CLI11', '<CLI/CLI.hpp>'),
                              ('spdlog', '"spdlog/spdlog.h"'),
                              ('prometheus-cpp', '<prometheus/counter.h>'),
                              ('civetweb', '<civetweb.h>'),
                              ('xxhash', '<xxhash.h>'),
                              ('OpenSSL', '<openssl/rand.h>'),
                              ('OpenMP', '<omp.h>')):
            with self.subTest(name):
                self.expect_include('server/rpc/a.cc', include,
                                    f'{name} in room server/rpc, whose row '
                                    'does not list it')

    # Sizes.

    def test_sources_have_a_longest_length(self):
        self.write('model/spec/a.cc', '\n' * 400)
        self.assertEqual(self.findings(), [])
        self.write('model/spec/a.cc', '\n' * 401)
        self.expect('model/spec/a.cc:401: ', 'the limit is 400')

    def test_headers_have_a_longest_length(self):
        path = 'model/spec/a.h'
        lines = header(path).count('\n')
        self.write(path, header(path, '\n' * (300 - lines)))
        self.assertEqual(self.findings(), [])
        self.write(path, header(path, '\n' * (301 - lines)))
        self.expect('model/spec/a.h:301: ', 'the limit is 300')

    def test_tests_have_one_too(self):
        self.write('tests/unit/model/spec/a_test.cc', '\n' * 401)
        self.expect('the limit is 400')

    def test_functions_have_a_longest_length(self):
        body = '  Step();\n' * 58
        self.write('model/spec/a.cc', '\n\nvoid Run() {\n' + body + '}\n')
        self.assertEqual(self.findings(), [])
        self.write('model/spec/a.cc', '\n\nvoid Run() {\n' + body +
                   '  Step();\n}\n')
        self.expect('model/spec/a.cc:3: ', 'Run has 61 lines; the limit is 60')

    # Headers and names.

    def test_a_guard_mirrors_the_path(self):
        self.write('model/spec/a.h', header('model/spec/b.h'))
        self.expect('model/spec/a.h:2: ',
                    'the header guard must be RECUR_MODEL_SPEC_A_H_')

    def test_a_header_has_a_guard(self):
        self.write('model/spec/a.h', '// Nothing.\n#pragma once\n')
        self.expect('model/spec/a.h:2: ', 'the header guard must be')

    def test_a_header_uses_no_namespace(self):
        path = 'model/spec/a.h'
        self.write(path, header(path, '// using namespace a;\n'
                                'using namespace std;'))
        self.expect('model/spec/a.h:6: ', 'using namespace')

    def test_vague_names_are_refused(self):
        for path in ('model/spec/util.cc', 'model/spec/string_util.cc',
                     'model/spec/common/a.cc', 'model/spec/test_helpers.cc',
                     'model/spec/helper.cc', 'model/spec/manager.cc',
                     'tests/misc/run.sh'):
            with self.subTest(path):
                self.write(path, '')
                self.expect(f'{path}:1: ', 'name it for what it does')
                os.remove(os.path.join(self.root, path))

    def test_whole_words_only_are_vague(self):
        self.write('model/spec/commonest_utility.cc', '')
        self.assertEqual(self.findings(), [])

    def test_the_top_level_is_a_closed_list(self):
        self.write('scripts/run.sh', '')
        self.expect('scripts:1: ', 'at the top level')

    # The layout.

    @unittest.skipUnless(shutil.which('clang-format'), 'no clang-format')
    def test_sources_are_laid_out_by_clang_format(self):
        self.write('.clang-format', 'BasedOnStyle: Google\n')
        self.write('model/spec/a.cc', 'int a;\nint   b;\nint   c;\n')
        self.expect('model/spec/a.cc:2: ', 'clang-format')

    def test_without_clang_format_it_says_so(self):
        self.write('.clang-format', 'BasedOnStyle: Google\n')
        self.write('model/spec/a.cc', 'int   a;\n')
        with mock.patch.object(shutil, 'which', return_value=None):
            code, lines = self.run_main()
        self.assertEqual(code, 0)
        self.assertIn('clang-format is not installed', lines[0])


FUNCTIONS = '''
#define TWICE(x) \\
  { x; x; }
namespace recur {
namespace {
constexpr int kTable[] = {1, 2, 3};
const std::vector<F> kCalls = {F(1), {F(2)}};
enum class Kind : int { kA, kB };
template <class T>
T Twice(T x) {
  return x + x;  // } not a brace
}
}  // namespace

class Box : public std::vector<int> {
 public:
  explicit Box(int a) : a_{a}, b_{f(a)} { g("}}"); }
  int size() const override { return '}'; }
  Box& operator=(const Box&) = default;

 private:
  int a_{0};
};

int64_t Box::Count(
    const std::string& name) const {
  for (int i = 0; i < 1'000; ++i) {
    auto f = [&](int x) { return x; };
  }
  return R"x(}})x"[0];
}

TEST(BoxTest, HoldsItsSize) {
  Box box({1, 2});
}
}  // namespace recur
'''


class CppTextTest(unittest.TestCase):

    def test_finds_functions_with_their_lines(self):
        self.assertEqual(
            cpp_text.functions(FUNCTIONS),
            [('Twice', 9, 4), ('Box', 17, 1), ('size', 18, 1),
             ('Box::Count', 25, 7), ('TEST(BoxTest, HoldsItsSize)', 33, 3)])

    def test_code_keeps_its_lines(self):
        self.assertEqual(cpp_text.code_only(FUNCTIONS).count('\n'),
                         FUNCTIONS.count('\n'))


if __name__ == '__main__':
    unittest.main()
