export { defaultTarget, targetOf } from './default-target.js';
export { findProjects, type ProjectRecord } from './projects.queries.js';
export { Project } from './project.entity.js';
