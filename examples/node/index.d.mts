// SPDX-License-Identifier: MIT
export * from "./index.js";
export { default } from "./index.js";
