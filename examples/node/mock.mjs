// SPDX-License-Identifier: MIT
import mock from './mock.js';

export const { Mock, Failure } = mock;
export default mock;
