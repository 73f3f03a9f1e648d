"""An authority for tests: certificates by the openssl program."""

import datetime
import subprocess


def day(offset):
    """A time as `openssl ca` reads it: "+1 day", "-2 days" from now."""
    number = int(offset.split()[0])
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=number)
    return when.strftime("%Y%m%d%H%M%SZ")


class Authority:
    def __init__(self, folder, name="test authority", file="ca", issuer=None):
        self.folder = folder
        self.file = file
        if issuer:
            return
        self.openssl(
            "req", "-x509", *self.new_key("ec"), "-keyout", f"{file}.key", "-out", f"{file}.pem",
            "-days", "30", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
        )

    @staticmethod
    def new_key(kind):
        kinds = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}
        return ["-nodes", "-newkey", *kinds[kind]]

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {' '.join(words)}: {done.stderr}")

    def issue(self, file, *names, kind="ec", subject="a server", usage=None, days=30, begin=None,
              end=None, authority=False):
        """Writes FILE.pem and FILE.key; `names` as in "DNS:localhost". Valid for so many days, or
        between `begin` and `end`: "-1 day" is yesterday."""
        lines = [f"basicConstraints = critical,CA:{'TRUE' if authority else 'FALSE'}"]
        if names:
            lines.append("subjectAltName = " + ",".join(names))
        if usage:
            lines.append(f"extendedKeyUsage = {usage}")
        (self.folder / f"{file}.ext").write_text("\n".join(lines) + "\n")
        self.openssl("req", *self.new_key(kind), "-keyout", f"{file}.key", "-out", f"{file}.csr",
                     "-subj", f"/CN={subject}")
        if begin or end:
            self.keep_books()
            self.openssl("ca", "-batch", "-notext", "-config", f"{self.file}.cnf", "-in",
                         f"{file}.csr", "-extfile", f"{file}.ext", "-out", f"{file}.pem",
                         "-startdate", day(begin or "-10 days"), "-enddate", day(end or "+10 days"))
        else:
            self.openssl("x509", "-req", "-in", f"{file}.csr", "-CA", f"{self.file}.pem",
                         "-CAkey", f"{self.file}.key", "-CAcreateserial", "-days", str(days),
                         "-extfile", f"{file}.ext", "-out", f"{file}.pem")
        return self.folder / f"{file}.pem"

    def intermediate(self, file):
        """An authority that this one has signed."""
        self.issue(file, subject=file, authority=True)
        return Authority(self.folder, file, file, issuer=self)

    def revoked(self, *files):
        """The list of all that were ever revoked, and of these, in PEM form."""
        self.keep_books()
        for file in files:
            self.openssl("ca", "-config", f"{self.file}.cnf", "-revoke", f"{file}.pem")
        self.openssl("ca", "-config", f"{self.file}.cnf", "-gencrl", "-crldays", "30", "-out",
                     f"{self.file}.crl")
        return (self.folder / f"{self.file}.crl").read_text()

    def keep_books(self):
        """What `openssl ca` has to have."""
        config = self.folder / f"{self.file}.cnf"
        if config.exists():
            return
        config.write_text(
            "[ca]\ndefault_ca = own\n[own]\n"
            f"dir = {self.folder}\ndatabase = $dir/{self.file}.index\n"
            f"new_certs_dir = $dir\nrand_serial = yes\nunique_subject = no\n"
            f"certificate = $dir/{self.file}.pem\nprivate_key = $dir/{self.file}.key\n"
            "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n"
        )
        (self.folder / f"{self.file}.index").write_text("")
