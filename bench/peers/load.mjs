/**
 * Imports a peer from here, where its node_modules lies: a package by name, or one file of it by a path such as
 * './node_modules/ccxt/js/src/pro/binance.js' (packages that export no deep paths).
 */
export function load(specifier) {
  return import(specifier);
}
