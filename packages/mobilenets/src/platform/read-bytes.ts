import * as host from "#platform";
import type { Platform } from "./platform.ts";

/** Of the host; here, so that the package's types name no file of one host. */
export const readBytes: Platform["readBytes"] = host.readBytes;
