export { authenticate } from './authenticate.js';
export { can, type Action, type Resource } from './can.js';
export { ANONYMOUS, nameOf, SYSTEM, type Principal } from './principal.js';
