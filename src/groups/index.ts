export { GroupProject } from './group-project.entity.js';
export { Group } from './group.entity.js';
