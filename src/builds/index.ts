export { Build } from './build.entity.js';
export { Step } from './step.entity.js';
