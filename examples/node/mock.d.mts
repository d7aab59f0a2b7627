// SPDX-License-Identifier: MIT
export * from "./mock.js";
export { default } from "./mock.js";
