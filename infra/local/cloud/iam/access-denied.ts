/** The refusal of a request that no policy allows, worded as AWS does (IAM user guide, "Troubleshoot access denied error messages"). */
import { AwsError } from '../aws/aws-error.ts';

interface Refused {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** How the message ends; it may name the action. */
  readonly because: string;
}

/** As the JSON services answer it; each protocol has its own spelling of the same. */
export class AccessDenied extends AwsError {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super('AccessDeniedException', wording(refused));
    this.refused = refused;
  }

  /** S3 puts the resource in quotation marks. */
  get ofS3(): AwsError {
    const { refused } = this;
    return new AwsError('AccessDenied', wording({ ...refused, resource: `"${refused.resource}"` }), {
      status: 403,
      cause: this,
    });
  }

  /** SQS writes its actions in lower case. */
  get ofSqs(): AwsError {
    const { action, because } = this.refused;
    const lower = action.toLowerCase();
    const message = wording({ ...this.refused, action: lower, because: because.replaceAll(action, lower) });
    return new AwsError('AccessDeniedException', message, {
      status: 403,
      queryCode: 'AccessDenied',
      cause: this,
    });
  }
}

function wording({ principal, action, resource, because }: Refused): string {
  return `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}
