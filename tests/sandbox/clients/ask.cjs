// What node-zendesk, somebody else's client, makes of a Zendesk at the address in the environment: JSON on stdout.
const { createClient } = require("node-zendesk");

const client = createClient({
  endpointUri: `${process.env.ZENDESK_BASE_URL}/api/v2`,
  username: "nobody@helpdesk.example",
  token: process.env.ZENDESK_OAUTH_TOKEN,
  useOAuth: true,
});
const ids = (rows) => rows.map((row) => row.id);

async function refused(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return /\b4\d\d\b/.exec(String(error))?.[0] ?? String(error);
  }
}

async function main() {
  const told = {};
  told.users = ids(await client.users.list());
  told.organizations = ids(await client.organizations.list());
  told.memberships = ids(await client.organizationmemberships.list());
  const found = await client.search.queryAll("type:organization");
  told.searched = ids(found);
  told.kinds = [...new Set(found.map((row) => row.result_type))];
  told.withRole = ids(await client.users.listWithFilter("role", "end-user"));
  told.exported = ids(await client.users.incremental(0));
  const made = await client.organizations.create({ organization: { name: "Nye Verft" } });
  const changed = await client.organizations.update(made.result.id, { organization: { notes: "later" } });
  told.notes = changed.result.notes;
  told.again = await refused(() => client.organizations.create({ organization: { name: "Nye Verft" } }));
  await client.organizations.delete(made.result.id);
  told.gone = await refused(() => client.organizations.show(made.result.id));
  const job = await client.organizations.createMany({ organizations: [{ name: "A1" }, { name: "A2" }] });
  told.job = (job.result ?? job).status ?? (job.result ?? job).job_status?.status;
  console.log(JSON.stringify(told));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
