/** How a log line looks: Powertools' own members, without those that say nothing in every line, because each byte is paid. */
import { LogFormatter, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';

export class LineFormat extends LogFormatter {
  /** `cold_start`, the function's name and its size stand in the platform's lines, and nothing is sampled. */
  override formatAttributes(attributes: UnformattedAttributes, own: LogAttributes): LogItem {
    return new LogItem({
      attributes: {
        level: attributes.logLevel,
        message: attributes.message,
        timestamp: this.formatTimestamp(attributes.timestamp),
        service: attributes.serviceName,
        // Without tracing (the setting `tracing`) there is an id too, of a trace that nobody records.
        ...(isTraced() && { xray_trace_id: attributes.xRayTraceId }),
      },
    }).addAttributes(own);
  }
}

const isTraced = (): boolean => process.env._X_AMZN_TRACE_ID?.includes('Sampled=1') ?? false;
