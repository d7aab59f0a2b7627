// SPDX-License-Identifier: MIT
// The addon that build.sh makes. ANIMALDETECT_ADDON names another file.
'use strict';

module.exports = require(process.env.ANIMALDETECT_ADDON || './build/animaldetect.node');
