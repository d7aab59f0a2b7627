// SPDX-License-Identifier: MIT
// The client's addon. ANIMALDETECT_ADDON names another file.
'use strict';

module.exports = require('./find.js').load('animaldetect', 'ANIMALDETECT_ADDON');
