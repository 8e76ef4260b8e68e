// mobilenets/worker/thread: the script of the thread that `loadInWorker` starts.
import { ownPort } from "#own-port";
import { serve } from "../worker/serve.ts";

serve(ownPort());
