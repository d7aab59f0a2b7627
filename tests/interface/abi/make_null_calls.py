#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a C program that calls each function of lib/abi with a NULL handle and 0 for all other arguments.

    make_null_calls.py OUTPUT PROTOTYPES...

A host that closed a handle makes such a call, and a binding passes it on: the function must reject it or return
nothing, and access no memory. The sanitizers detect an access.
"""
import pathlib
import re
import sys

NO_STATUS = {'animaldetect_client_hold_reason'} # without a client, nothing holds requests
PROTOTYPE = re.compile(r'^LIB\S+ (?P<type>.*?)(?P<name>animaldetect_\w+)\((?P<parameters>.*)\)$', re.M)


def calls(prototypes):
    for function in PROTOTYPE.finditer(prototypes):
        parameters = function['parameters']
        zeros = '' if parameters == 'void' else ', '.join('0' for _ in parameters.split(','))
        call = f'{function["name"]}({zeros})'
        if function['type'] == 'int32_t ' and function['name'] not in NO_STATUS and re.match(r'animaldetect_\w+ \*', parameters):
            yield f'    refused("{function["name"]}", {call});'
        else:
            yield f'    (void){call};'


def main():
    output, *files = map(pathlib.Path, sys.argv[1:])
    body = '\n'.join(line for file in files for line in calls(file.read_text(encoding='utf-8')))
    output.write_text(f'''#include <animaldetect/animaldetect.h>
#include <animaldetect/mock.h>
#include <stdio.h>

static int failures;

static void refused(const char *name, int32_t status)
{{
    if (status >= 0) {{
        printf("%s: %d\\n", name, (int)status);
        failures++;
    }}
}}

int main(void)
{{
{body}
    return failures != 0;
}}
''', encoding='utf-8')


main()
