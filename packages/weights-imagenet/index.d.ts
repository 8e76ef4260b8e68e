/**
 * The address of EfficientNet-Lite0's ImageNet weights, for `load()` of the package `mobilenets`: a `file:` URL in Node,
 * the address of the copied file in a page that a bundler made.
 */
declare const address: string;
export default address;
