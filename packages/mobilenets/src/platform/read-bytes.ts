import * as host from "#platform";
import type { Platform } from "./platform.ts";

/** The host's `readBytes`, in this file so that the package's types name no host-specific file. */
export const readBytes: Platform["readBytes"] = host.readBytes;
