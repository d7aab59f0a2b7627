# SPDX-License-Identifier: MIT
# Two addons for node-gyp: the client, and the service in memory where libanimaldetect-mock is installed. With the archives
# it is one, which has both.
{
  'targets': [{
    'target_name': 'animaldetect',
    'sources': ['src/client.c', 'src/job.c', 'src/log.c', 'src/module.c', 'src/result.c', 'src/watch.c'],
    'cflags': ['-std=gnu11', '-fvisibility=hidden', '<!@(node flags.js cflags)'],
    # Of an archive that is linked in, nothing is for others to see.
    'ldflags': ['-Wl,--exclude-libs,ALL'],
    'libraries': ['<!@(node flags.js libs)', "-Wl,-rpath,'$$ORIGIN'"],
    'conditions': [['"<!(node flags.js carries_mock)"=="yes"', {
      'sources': ['src_mock/mock.c'],
      'defines': ['ANIMALDETECT_NODE_CARRIES_MOCK'],
    }]],
  }],
  'conditions': [['"<!(node flags.js mock)"=="yes"', {
    'targets': [{
      'target_name': 'animaldetect_mock',
      'sources': ['src_mock/mock.c'],
      'cflags': ['-std=gnu11', '-fvisibility=hidden', '<!@(node flags.js mock_cflags)'],
      'libraries': ['<!@(node flags.js mock_libs)'],
    }],
  }]],
}
