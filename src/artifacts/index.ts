export {
  announceUploads,
  type Announcement,
  type AnnouncementOutcome,
  type ArtifactLimits,
} from './announce-uploads.js';
export { Artifact } from './artifact.entity.js';
export { ArtifactStore } from './artifact-store.js';
