export { resetFolder } from './reset.js';
export { runUp, type UpOptions } from './up.js';
