/** The local cloud as a process of its own, so that it can be killed. It prints where it is, once it is ready. */
import { deployLocally, output } from '../../../infra/local/deploy.ts';
import type { CloudPlace, CloudProcessOptions } from './killable-cloud.ts';

const options = JSON.parse(process.argv[2]!) as CloudProcessOptions;
const { cloud } = await deployLocally({ ...options, owner: 'kill' });
const place: CloudPlace = {
  apiUrl: cloud.apiUrl,
  s3: cloud.endpoints.s3,
  dynamodb: cloud.endpoints.dynamodb,
  tasksTable: output(cloud, 'TasksTable'),
  region: cloud.region,
  credentials: cloud.credentials,
};
console.log(JSON.stringify(place));
