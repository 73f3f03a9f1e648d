"""An authority for tests: certificates by the openssl program."""

import subprocess


class Authority:
    def __init__(self, folder, name="test authority", file="ca"):
        self.folder = folder
        self.file = file
        self.openssl(
            "req", "-x509", *self.new_key("ec"), "-keyout", f"{file}.key", "-out", f"{file}.pem",
            "-days", "30", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
        )

    @staticmethod
    def new_key(kind):
        kinds = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}
        return ["-nodes", "-newkey", *kinds[kind]]

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def issue(self, file, *names, kind="ec", subject="a server", usage=None):
        """Writes FILE.pem and FILE.key; `names` as in "DNS:localhost"."""
        lines = ["basicConstraints = critical,CA:FALSE"]
        if names:
            lines.append("subjectAltName = " + ",".join(names))
        if usage:
            lines.append(f"extendedKeyUsage = {usage}")
        (self.folder / f"{file}.ext").write_text("\n".join(lines) + "\n")
        self.openssl("req", *self.new_key(kind), "-keyout", f"{file}.key", "-out", f"{file}.csr",
                     "-subj", f"/CN={subject}")
        self.openssl("x509", "-req", "-in", f"{file}.csr", "-CA", f"{self.file}.pem",
                     "-CAkey", f"{self.file}.key", "-CAcreateserial", "-days", "30",
                     "-extfile", f"{file}.ext", "-out", f"{file}.pem")
        return self.folder / f"{file}.pem"
