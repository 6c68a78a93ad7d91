# Odoo's official image and the Python packages that the addons need beyond Odoo's own.
FROM odoo:19

USER root
COPY requirements.txt /tmp/requirements.txt
# The image keeps Odoo's packages in the system's Python, where pip wants to be told that it may.
RUN pip3 install --no-cache-dir --break-system-packages --requirement /tmp/requirements.txt \
    && rm /tmp/requirements.txt
USER odoo
