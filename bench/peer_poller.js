// The npm package modbus-serial, gateways side by side: reads the same blocks and keeps nothing.
const fs = require("fs");
const ModbusRTU = require(process.argv[2]);
const { urls, units, timeout } = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));

async function gateway(url) {
  const { hostname, port } = new URL(url.replace("tcp:", "http:"));
  const client = new ModbusRTU();
  await client.connectTCP(hostname, { port: Number(port) });
  client.setTimeout(timeout * 1000);
  let answered = 0;
  for (let unit = 1; unit <= units; unit++) {
    client.setID(unit);
    try {
      await client.readHoldingRegisters(2, 2);
      answered += 1;
    } catch (error) {
      if (error.errno !== "ETIMEDOUT") throw error;
    }
  }
  client.close(() => {});
  return answered;
}

const started = process.hrtime.bigint();
Promise.all(urls.map(gateway)).then((counts) => {
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(JSON.stringify([seconds, counts.reduce((a, b) => a + b, 0)]));
  process.exit(0);
});
