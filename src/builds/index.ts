export { Build } from './build.entity.js';
export { BuildOutput } from './build-output.entity.js';
export { Step } from './step.entity.js';
