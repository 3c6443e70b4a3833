/** What a function needs to show a task: its table, its bucket, and how links are made. */
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Settings } from '../settings.ts';
import type { Storage } from './storage.ts';

export interface LinkProps {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly signingKeys: ISecret;
  readonly publicUrl: string;
}

export const linkEnvironment = ({ settings, storage, signingKeys, publicUrl }: LinkProps) => ({
  SIGNING_KEYS: signingKeys.secretArn,
  TASKS_TABLE: storage.tasks.tableName,
  IMAGES_BUCKET: storage.images.bucketName,
  PUBLIC_URL: publicUrl,
  IMAGE_LINK_DAYS: String(settings.imageLinkDays),
});
