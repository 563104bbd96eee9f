// Creates the Deployment on standard input with the Kubernetes client for Node.js, as a program would that was never told
// of Plimsoll, and prints what it was told: {"code": 201} or {"code": 422, "message": "...", "causes": [...]}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Where the client is installed; modules are looked for beside it, not beside this file.
const require = createRequire(process.env.CLIENT_FOLDER + "/");
const k8s = await import(require.resolve("@kubernetes/client-node"));

const config = new k8s.KubeConfig();
config.loadFromDefault();
const body = JSON.parse(readFileSync(0, "utf8"));
try {
  const apps = config.makeApiClient(k8s.AppsV1Api);
  await apps.createNamespacedDeployment({ namespace: body.metadata.namespace, body });
  console.log(JSON.stringify({ code: 201 }));
} catch (error) {
  if (error.code === undefined) throw error;
  const status = typeof error.body === "string" ? JSON.parse(error.body) : error.body;
  console.log(JSON.stringify({ code: error.code, message: status.message, causes: status.details?.causes ?? [] }));
}
